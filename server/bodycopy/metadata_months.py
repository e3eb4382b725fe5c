"""Names of months, as numbers: those that Unicode's CLDR 48 has in 60 languages, whole and shortened, and more forms
that pages write. Not those of three letters that are other words elsewhere, as `pro` and `des` are."""

from __future__ import annotations

_NAMES = {
    1: "ene enero gen gener gennaio ianuarie ionawr jaan jaanuar jan janaayo janairu janar janeiro jannaayo januar "
        "januara januari januarie januarja january január januára janv janvier janvāris janúar jänner leden ledna "
        "ocak saus sausio sausis siječanj siječnja styczeń stycznia tammi tammikuu tammikuuta urtarrila xaneiro "
        "yanvar ιαν ιανουάριος ιανουαρίου сту студзень студзеня січ січень січня янв январь января яну януари јан "
        "јануар јануара јануари қаң қаңтар հնվ հունվար հունվարի ינו ינואר جانفي جنوری يناير ژانویه जनवरी जन॰ जाने "
        "जानेवारी জানু জানুয়ারি ਜਨ ਜਨਵਰੀ જાન્યુ જાન્યુઆરી ஜன ஜனவரி జన జనవరి ಜನ ಜನವರಿ ജനു ജനുവരി ජනවාරි ม.ค มกราคม "
        "ဇန် ဇန်နဝါရီ იან იანვარი មករា",
    2: "chwef chwefror faburairu feb febbraio febr febraayo febreiro febrer febrero februar februara februari "
        "februarie februarja february február februára februāris febrúar fev fevereiro fevral fév févr février "
        "helmi helmikuu helmikuuta lutego luty otsaila pebrero shkurt vasario vasaris veebr veebruar velj veljača "
        "veljače úno únor února şub şubat φεβ φεβρουάριος φεβρουαρίου ақп ақпан лют лютага лютий лютого люты феб "
        "фебруар фебруара фев февр февраль февраля февруари փետրվար փետրվարի փտվ פבר פברואר شباط فبراير فروری فوریه "
        "فيفري पेब्रुअरी फरवरी फ़रवरी फ़र॰ फेब्रु फेब्रुअरी फेब्रुवारी ফেব ফেব্রুয়ারি ফেব্রুয়ারী ਫ਼ਰ ਫ਼ਰਵਰੀ "
        "ફેબ્રુ ફેબ્રુઆરી பிப் பிப்ரவரி ఫిబ్ర ఫిబ్రవరి ಫೆಬ್ರ ಫೆಬ್ರವರಿ ഫെബ്രു ഫെബ്രുവരി පෙබරවාරි ก.พ กุมภาพันธ์ ဖေ "
        "ဖေဖော်ဝါရီ თებ თებერვალი កុម្ភៈ",
    3: "bře mac březen března kovas kovo maalis maaliskuu maaliskuuta maarso maart machi mar marca march marec maret "
        "maris mars marso mart marta martie marts martxoa marzec marzo març março mawrth mrt mrz márc március mäe "
        "mäerz mär märts märz ožu ožujak ožujka μάρ μάρτιος μαρ μαρτίου бер березень березня мар март марта нау "
        "наурыз сак сакавік сакавіка մարտ մարտի մրտ מרץ آذار مارس مارچ मार्च মার্চ ਮਾਰਚ માર્ચ மார் மார்ச் మార్చి "
        "ಮಾರ್ಚ್ മാർ മാർച്ച് මාර්තු มี.ค มีนาคม မတ် მარ მარტი មីនា",
    4: "abr abriil abril abrëll afirilu apirila apr aprel april aprila aprile aprili aprilie aprill apríl apríla "
        "aprīlis avr avril balandis balandžio duben dubna ebrill huhti huhtikuu huhtikuuta kwiecień kwietnia nisan "
        "prill travanj travnja ápr április απρ απρίλιος απριλίου апр апрель апреля април априла квіт квітень квітня "
        "кра красавік красавіка сәу сәуір ապր ապրիլ ապրիլի אפר אפריל آوریل أبريل أفريل إبريل ابريل افريل اپریل "
        "نيسان अप्रिल अप्रैल एप्रि एप्रिल এপ্রি এপ্রিল ਅਪ੍ਰੈ ਅਪ੍ਰੈਲ એપ્રિલ ஏப் ஏப்ரல் ఏప్రి ఏప్రిల్ ಏಪ್ರಿ ಏಪ್ರಿಲ್ "
        "ഏപ്രി ഏപ്രിൽ අප්රේල් เม.ย เมษายน ဧပြီ აპრ აპრილი មេសា",
    5: "gegužė mee gegužės kvě květen května maayo mag maggio mai maiatza maig maijs maio maj maja may mayo mayu mayıs "
        "maí mei máj mája május svibanj svibnja touko toukokuu toukokuuta μάι μάιος μαΐ μαΐου μαϊου май мам мамыр "
        "мая мај маја трав травень травня մայիս մայիսի մյս מאי أيار مئی ماي مايو مه मई मे মে ਮਈ મે மே మే ಮೇ മെയ് "
        "മേയ് මැයි พ.ค พฤษภาคม မေ მაი მაისი ឧសភា",
    6: "birž birželio birželis czerwca czerwiec ekaina giu giugno haziran hunyo iunie iyun juin jun juna june "
        "junho juni junie junij junija junio juny juun juuni jún júna június júní jūn jūnijs kesä kesäkuu kesäkuuta "
        "lipanj lipnja mehefin qershor xuño yuni červen června čvn ιουν ιουνίου ιούν ιούνιος июн июнь июня мау "
        "маусым черв червень червня чэр чэрвень чэрвеня юни јун јуна јуни հնս հունիս հունիսի יוני جوان جون حزيران "
        "يونيو ژوئن जुन जून জুন ਜੂਨ જૂન ஜூன் జూన్ ಜೂನ್ ജൂൺ ජූනි มิ.ย มิถุนายน ဇွန် ივნ ივნისი មិថុនា",
    7: "gorff gorffennaf heinä heinäkuu heinäkuuta hulyo iulie iyul juil juill juillet jul jula julai julho juli "
        "julie julij julija julio juliol july juuli júl júla július júlí jūl jūlijs korr korrik liep liepa liepos "
        "lipca lipiec lug luglio luulyo srpanj srpnja temmuz uztaila xullo yuli července červenec čvc ιουλ ιουλίου "
        "ιούλ ιούλιος июл июль июля лип липень липня ліп ліпень ліпеня шіл шілде юли јул јула јули հլս հուլիս "
        "հուլիսի יולי تموز جولائی جويلية يوليو يوليوز ژوئیه जुलाई जुलै जुल॰ জুল জুলাই ਜੁਲਾ ਜੁਲਾਈ જુલાઈ ஜூலை జులై "
        "జూలై ಜುಲೈ ജൂലായ് ജൂലൈ ජූලි ก.ค กรกฎาคม ဇူ ဇူလိုင် ივლ ივლისი កក្កដា",
    8: "abuztua ago agost agosti agosto agusta agustus août aug august augusta augusti augusts augustus augusztus "
        "avg avgust avgusta avqust awst ağu ağustos elokuu elokuuta gush gusht kolovoz kolovoza ogos ogosto rugp "
        "rugpjūtis rugpjūčio sierpień sierpnia srpen srpna ágú ágúst αυγ αυγούστου αύγ αύγουστος авг август августа "
        "жні жнівень жніўня серп серпень серпня там тамыз օգոստոս օգոստոսի օգս אוג אוגוסט آب آگست أغسطس أوت اغسطس "
        "اوت اگست غشت अगस्ट अगस्त अग॰ ऑग ऑगस्ट আগ আগস্ট ਅਗ ਅਗਸਤ ઑગસ્ટ ஆக ஆகஸ்ட் ఆగ ఆగస్టు ಆಗ ಆಗಸ್ಟ್ ഓഗ ഓഗസ്റ്റ് "
        "අගෝස්තු ส.ค สิงหาคม ဩဂုတ် აგვ აგვისტო សីហា",
    9: "eylül iraila medi rugs rugsėjis rugsėjo rujan rujna satumba sebteembar sebtembar sen sentabr sentyabr sep "
        "sept septemba septembar september septembra septembre septembrie septembris septiembre set setembre "
        "setembro setiembre settembre setyembre shtator syys syyskuu syyskuuta szept szeptember wrzesień września "
        "zář září σεπ σεπτέμβριος σεπτεμβρίου вер верасень верасня вересень вересня сен сент сентябрь сентября сеп "
        "септембар септембра септември қыр қыркүйек սեպ սեպտեմբեր սեպտեմբերի ספט ספטמבר أيلول سبتمبر ستمبر سپتامبر "
        "شتنبر सप्टें सप्टेंबर सितंबर सितम्बर सित॰ सेप्टेम्बर সেপ সেপ্ট সেপ্টেম্বর ਸਤੰ ਸਤੰਬਰ સપ્ટે સપ્ટેમ્બર செப் "
        "செப்டம்பர் సెప్టెం సెప్టెంబరు సెప్టెంబర్ ಸೆಪ್ಟೆಂ ಸೆಪ್ಟೆಂಬರ್ സെപ്റ്റം സെപ്റ്റംബർ සැප්තැම්බර් ก.ย กันยายน "
        "စက် စက်တင်ဘာ სექ სექტემბერი កញ្ញា",
    10: "ekim hydref loka lokakuu lokakuuta oct october octobre octombrie octubre okt oktabr oktoba oktobar oktober "
        "oktobra oktobris oktoobar oktoober oktubre oktyabr október októbra ott ottobre out outubro paź październik "
        "października spal spalio spalis tetor urria říj říjen října οκτ οκτωβρίου οκτώβριος жовт жовтень жовтня "
        "кас кастрычнік кастрычніка окт октобар октобра октомври октябрь октября қаз қазан հոկ հոկտեմբեր հոկտեմբերի "
        "אוק אוקטובר أكتوبر اكتوبر اکتبر اکتوبر अक्टूबर अक्टू॰ अक्टोबर अक्तूबर ऑक्टो ऑक्टोबर অক্টো অক্টোবর ਅਕਤੂ "
        "ਅਕਤੂਬਰ ઑક્ટો ઑક્ટોબર அக் அக்டோபர் అక్టో అక్టోబర్ ఆక్టోబరు ఆక్టోబర్ ಅಕ್ಟೋ ಅಕ್ಟೋಬರ್ ഒക്ടോ ഒക്ടോബർ ඔක්තෝබර් "
        "ต.ค ตุลาคม အောက် အောက်တိုဘာ ოქტ ოქტომბერი តុលា",
    11: "azaroa kasım lapkr lapkritis lapkričio listopad listopada listopadu marras marraskuu marraskuuta nobyembre "
        "noiembrie noofeembar nopember nov novemba novembar november novembra novembre novembris novembro noviembre "
        "noy noyabr nuwamba nën nëntor nóv nóvember studeni studenog studenoga tach tachwedd νοέ νοέμβριος νοε "
        "νοεμβρίου лист листопад листопада ліс лістапад лістапада нов новембар новембра ное ноември ноя нояб ноябрь "
        "ноября қар қараша նոյ նոյեմբեր նոյեմբերի נוב נובמבר نوامبر نوفمبر نومبر نونبر नवंबर नवम्बर नव॰ नोभेम्बर "
        "नोव्हें नोव्हेंबर নভে নভেম্বর ਨਵੰ ਨਵੰਬਰ નવે નવેમ્બર நவ நவம்பர் నవం నవంబరు నవంబర్ ನವೆಂ ನವೆಂಬರ್ നവം നവംബർ "
        "නොවැම්බර් พ.ย พฤศจิกายน နို နိုဝင်ဘာ ნოე ნოემბერი វិច្ឆិកា",
    12: "abendua aralık dec decembar december decembra decembrie decembris decembro dek dekabr desemba desember "
        "desembre dets detsember dez dezember dezembro dhjetor dic dicembre diciembre disamba diseembar disember "
        "disyembre déc décembre grudnia grudzień gruod gruodis gruodžio joulu joulukuu joulukuuta prosinac prosinca "
        "prosince prosinec rhag rhagfyr δεκ δεκέμβριος δεκεμβρίου груд грудень грудня дек декабрь декабря декември "
        "дец децембар децембра жел желтоқсан сне снежань снежня դեկ դեկտեմբեր դեկտեմբերի דצמ דצמבר دجنبر دسامبر "
        "دسمبر ديسمبر डिसें डिसेंबर डिसेम्बर दिसंबर दिसम्बर दिस॰ ডিসে ডিসেম্বর ਦਸੰ ਦਸੰਬਰ ડિસે ડિસેમ્બર டிச டிசம்பர் "
        "డిసెం డిసెంబరు డిసెంబర్ ಡಿಸೆಂ ಡಿಸೆಂಬರ್ ഡിസം ഡിസംബർ දෙසැම්බර් ธ.ค ธันวาคม ဒီ ဒီဇင်ဘာ დეკ დეკემბერი ធ្នូ",
}  # fmt: skip

MONTHS = {name: number for number, names in _NAMES.items() for name in names.split()} | {
    "كانون الثاني": 1, "تشرين الأول": 10, "تشرين الاول": 10, "تشرين الثاني": 11, "كانون الأول": 12, "كانون الاول": 12,
}  # fmt: skip
"""Of the year that begins in January, in lower case and Unicode's composed form, without a full stop at the end."""
PERSIAN_MONTHS = {
    name: number
    for number, name in enumerate(
        ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"], 1
    )
}
"""Of the year that begins in March."""
