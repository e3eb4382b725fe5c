export default [
  { ignores: ["vendor/", "node_modules/"] },
  {
    files: ["**/*.js", "**/*.mjs"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-unused-vars": "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-restricted-syntax": [
        "error",
        {
          selector: "AssignmentExpression[left.property.name=/^(innerHTML|outerHTML|srcdoc)$/]",
          message: "Page content goes through toFragment (dom.js).",
        },
        {
          selector: "CallExpression[callee.property.name=/^(insertAdjacentHTML|write|createContextualFragment)$/]",
          message: "Page content goes through toFragment (dom.js).",
        },
      ],
    },
  },
];
