FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY server ./server
RUN python3 -m venv /opt/bodycopy && /opt/bodycopy/bin/pip install -q --no-cache-dir ".[metrics,redis]"

FROM python:3.11-slim
RUN useradd --system --create-home --home-dir /var/lib/bodycopy --uid 8347 bodycopy
COPY --from=build /opt/bodycopy /opt/bodycopy
USER bodycopy
WORKDIR /var/lib/bodycopy
ENV PATH=/opt/bodycopy/bin:$PATH PYTHONUNBUFFERED=1 BODYCOPY_HOST=0.0.0.0 BODYCOPY_PORT=8347
EXPOSE 8347
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python3", "-c", "import os, urllib.request; urllib.request.urlopen(urllib.request.Request('http://127.0.0.1:' + os.environ['BODYCOPY_PORT'] + '/healthz', headers={'Host': 'localhost'}), timeout=4)"]
CMD ["bodycopy", "serve"]
