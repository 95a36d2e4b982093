/* countries.c -- the names of countries: one table.
 *
 * English names as the English Wikipedia has them, the others those of the Unicode CLDR. */
#include "wiki/countries.h"

#include <string.h>

struct country {
    const char *codes; /* alpha-3 first, then those of sports; ' ' between */
    const char *name;
    const char *names; /* in the order of `languages`, '|' between; "" = none */
};

static const char languages[] = "ar de es fr it ja ko pt ru tr zh";

/* clang-format off */
static const struct country countries[] = {
    {"AFG", "Afghanistan", "أفغانستان|Afghanistan|Afganistán|Afghanistan|Afghanistan|アフガニスタン|아프가니스탄|Afeganistão|Афганистан|Afganistan|阿富汗"},
    {"ALB", "Albania", "ألبانيا|Albanien|Albania|Albanie|Albania|アルバニア|알바니아|Albânia|Албания|Arnavutluk|阿尔巴尼亚"},
    {"DZA ALG", "Algeria", "الجزائر|Algerien|Argelia|Algérie|Algeria|アルジェリア|알제리|Argélia|Алжир|Cezayir|阿尔及利亚"},
    {"ASM ASA", "American Samoa", "ساموا الأمريكية|Amerikanisch-Samoa|Samoa Americana|Samoa américaines|Samoa Americane|米領サモア|아메리칸 사모아|Samoa Americana|Американское Самоа|Amerikan Samoası|美属萨摩亚"},
    {"AND", "Andorra", "أندورا|Andorra|Andorra|Andorre|Andorra|アンドラ|안도라|Andorra|Андорра|Andorra|安道尔"},
    {"AGO ANG", "Angola", "أنغولا|Angola|Angola|Angola|Angola|アンゴラ|앙골라|Angola|Ангола|Angola|安哥拉"},
    {"AIA", "Anguilla", "أنغويلا|Anguilla|Anguila|Anguilla|Anguilla|アンギラ|앵귈라|Anguila|Ангилья|Anguilla|安圭拉"},
    {"ATG ANT", "Antigua and Barbuda", "أنتيغوا وبربودا|Antigua und Barbuda|Antigua y Barbuda|Antigua-et-Barbuda|Antigua e Barbuda|アンティグア・バーブーダ|앤티가 바부다|Antígua e Barbuda|Антигуа и Барбуда|Antigua ve Barbuda|安提瓜和巴布达"},
    {"ARG", "Argentina", "الأرجنتين|Argentinien|Argentina|Argentine|Argentina|アルゼンチン|아르헨티나|Argentina|Аргентина|Arjantin|阿根廷"},
    {"ARM", "Armenia", "أرمينيا|Armenien|Armenia|Arménie|Armenia|アルメニア|아르메니아|Armênia|Армения|Ermenistan|亚美尼亚"},
    {"ABW ARU", "Aruba", "أروبا|Aruba|Aruba|Aruba|Aruba|アルバ|아루바|Aruba|Аруба|Aruba|阿鲁巴"},
    {"AUS", "Australia", "أستراليا|Australien|Australia|Australie|Australia|オーストラリア|오스트레일리아|Austrália|Австралия|Avustralya|澳大利亚"},
    {"AUT", "Austria", "النمسا|Österreich|Austria|Autriche|Austria|オーストリア|오스트리아|Áustria|Австрия|Avusturya|奥地利"},
    {"AZE", "Azerbaijan", "أذربيجان|Aserbaidschan|Azerbaiyán|Azerbaïdjan|Azerbaigian|アゼルバイジャン|아제르바이잔|Azerbaijão|Азербайджан|Azerbaycan|阿塞拜疆"},
    {"BHS BAH", "Bahamas", "جزر البهاما|Bahamas|Bahamas|Bahamas|Bahamas|バハマ|바하마|Bahamas|Багамы|Bahamalar|巴哈马"},
    {"BHR", "Bahrain", "البحرين|Bahrain|Baréin|Bahreïn|Bahrein|バーレーン|바레인|Barein|Бахрейн|Bahreyn|巴林"},
    {"BGD BAN", "Bangladesh", "بنغلاديش|Bangladesch|Bangladés|Bangladesh|Bangladesh|バングラデシュ|방글라데시|Bangladesh|Бангладеш|Bangladeş|孟加拉国"},
    {"BRB BAR", "Barbados", "بربادوس|Barbados|Barbados|Barbade|Barbados|バルバドス|바베이도스|Barbados|Барбадос|Barbados|巴巴多斯"},
    {"BLR", "Belarus", "بيلاروس|Belarus|Bielorrusia|Biélorussie|Bielorussia|ベラルーシ|벨라루스|Bielorrússia|Беларусь|Belarus|白俄罗斯"},
    {"BEL", "Belgium", "بلجيكا|Belgien|Bélgica|Belgique|Belgio|ベルギー|벨기에|Bélgica|Бельгия|Belçika|比利时"},
    {"BLZ BIZ", "Belize", "بليز|Belize|Belice|Belize|Belize|ベリーズ|벨리즈|Belize|Белиз|Belize|伯利兹"},
    {"BEN", "Benin", "بنين|Benin|Benín|Bénin|Benin|ベナン|베냉|Benin|Бенин|Benin|贝宁"},
    {"BMU BER", "Bermuda", "برمودا|Bermuda|Bermudas|Bermudes|Bermuda|バミューダ|버뮤다|Bermudas|Бермудские о-ва|Bermuda|百慕大"},
    {"BTN BHU", "Bhutan", "بوتان|Bhutan|Bután|Bhoutan|Bhutan|ブータン|부탄|Butão|Бутан|Butan|不丹"},
    {"BOL", "Bolivia", "بوليفيا|Bolivien|Bolivia|Bolivie|Bolivia|ボリビア|볼리비아|Bolívia|Боливия|Bolivya|玻利维亚"},
    {"BIH", "Bosnia and Herzegovina", "البوسنة والهرسك|Bosnien und Herzegowina|Bosnia y Herzegovina|Bosnie-Herzégovine|Bosnia ed Erzegovina|ボスニア・ヘルツェゴビナ|보스니아 헤르체고비나|Bósnia e Herzegovina|Босния и Герцеговина|Bosna-Hersek|波斯尼亚和黑塞哥维那"},
    {"BWA BOT", "Botswana", "بوتسوانا|Botsuana|Botsuana|Botswana|Botswana|ボツワナ|보츠와나|Botsuana|Ботсвана|Botsvana|博茨瓦纳"},
    {"BRA", "Brazil", "البرازيل|Brasilien|Brasil|Brésil|Brasile|ブラジル|브라질|Brasil|Бразилия|Brezilya|巴西"},
    {"VGB IVB", "British Virgin Islands", "جزر فيرجن البريطانية|Britische Jungferninseln|Islas Vírgenes Británicas|Îles Vierges britanniques|Isole Vergini Britanniche|英領ヴァージン諸島|영국령 버진아일랜드|Ilhas Virgens Britânicas|Виргинские о-ва (Великобритания)|Britanya Virjin Adaları|英属维尔京群岛"},
    {"BRN BRU", "Brunei", "بروناي|Brunei Darussalam|Brunéi|Brunei|Brunei|ブルネイ|브루나이|Brunei|Бруней|Brunei|文莱"},
    {"BGR BUL", "Bulgaria", "بلغاريا|Bulgarien|Bulgaria|Bulgarie|Bulgaria|ブルガリア|불가리아|Bulgária|Болгария|Bulgaristan|保加利亚"},
    {"BFA BUR", "Burkina Faso", "بوركينا فاسو|Burkina Faso|Burkina Faso|Burkina Faso|Burkina Faso|ブルキナファソ|부르키나파소|Burquina Faso|Буркина-Фасо|Burkina Faso|布基纳法索"},
    {"BDI", "Burundi", "بوروندي|Burundi|Burundi|Burundi|Burundi|ブルンジ|부룬디|Burundi|Бурунди|Burundi|布隆迪"},
    {"KHM CAM", "Cambodia", "كمبوديا|Kambodscha|Camboya|Cambodge|Cambogia|カンボジア|캄보디아|Camboja|Камбоджа|Kamboçya|柬埔寨"},
    {"CMR", "Cameroon", "الكاميرون|Kamerun|Camerún|Cameroun|Camerun|カメルーン|카메룬|Camarões|Камерун|Kamerun|喀麦隆"},
    {"CAN", "Canada", "كندا|Kanada|Canadá|Canada|Canada|カナダ|캐나다|Canadá|Канада|Kanada|加拿大"},
    {"CPV", "Cape Verde", "الرأس الأخضر|Cabo Verde|Cabo Verde|Cap-Vert|Capo Verde|カーボベルデ|카보베르데|Cabo Verde|Кабо-Верде|Cabo Verde|佛得角"},
    {"CYM CAY", "Cayman Islands", "جزر كايمان|Kaimaninseln|Islas Caimán|Îles Caïmans|Isole Cayman|ケイマン諸島|케이맨 제도|Ilhas Cayman|о-ва Кайман|Cayman Adaları|开曼群岛"},
    {"CAF", "Central African Republic", "جمهورية أفريقيا الوسطى|Zentralafrikanische Republik|República Centroafricana|République centrafricaine|Repubblica Centrafricana|中央アフリカ共和国|중앙 아프리카 공화국|República Centro-Africana|Центрально-Африканская Республика|Orta Afrika Cumhuriyeti|中非共和国"},
    {"TCD CHA", "Chad", "تشاد|Tschad|Chad|Tchad|Ciad|チャド|차드|Chade|Чад|Çad|乍得"},
    {"CHL CHI", "Chile", "تشيلي|Chile|Chile|Chili|Cile|チリ|칠레|Chile|Чили|Şili|智利"},
    {"CHN PRC", "China", "الصين|China|China|Chine|Cina|中国|중국|China|Китай|Çin|中国"},
    {"ROC TPE", "Chinese Taipei", ""},
    {"COL", "Colombia", "كولومبيا|Kolumbien|Colombia|Colombie|Colombia|コロンビア|콜롬비아|Colômbia|Колумбия|Kolombiya|哥伦比亚"},
    {"COM", "Comoros", "جزر القمر|Komoren|Comoras|Comores|Comore|コモロ|코모로|Comores|Коморы|Komorlar|科摩罗"},
    {"COK", "Cook Islands", "جزر كوك|Cookinseln|Islas Cook|Îles Cook|Isole Cook|クック諸島|쿡 제도|Ilhas Cook|о-ва Кука|Cook Adaları|库克群岛"},
    {"CRI CRC", "Costa Rica", "كوستاريكا|Costa Rica|Costa Rica|Costa Rica|Costa Rica|コスタリカ|코스타리카|Costa Rica|Коста-Рика|Kosta Rika|哥斯达黎加"},
    {"HRV CRO", "Croatia", "كرواتيا|Kroatien|Croacia|Croatie|Croazia|クロアチア|크로아티아|Croácia|Хорватия|Hırvatistan|克罗地亚"},
    {"CUB", "Cuba", "كوبا|Kuba|Cuba|Cuba|Cuba|キューバ|쿠바|Cuba|Куба|Küba|古巴"},
    {"CYP", "Cyprus", "قبرص|Zypern|Chipre|Chypre|Cipro|キプロス|키프로스|Chipre|Кипр|Kıbrıs|塞浦路斯"},
    {"CZE", "Czech Republic", "التشيك|Tschechien|Chequia|Tchéquie|Cechia|チェコ|체코|Tchéquia|Чехия|Çekya|捷克"},
    {"TCH", "Czechoslovakia", ""},
    {"COD", "Democratic Republic of the Congo", "الكونغو - كينشاسا|Kongo-Kinshasa|República Democrática del Congo|Congo-Kinshasa|Congo - Kinshasa|コンゴ民主共和国(キンシャサ)|콩고-킨샤사|Congo - Kinshasa|Конго - Киншаса|Kongo - Kinşasa|刚果（金）"},
    {"DNK DEN", "Denmark", "الدانمرك|Dänemark|Dinamarca|Danemark|Danimarca|デンマーク|덴마크|Dinamarca|Дания|Danimarka|丹麦"},
    {"DJI", "Djibouti", "جيبوتي|Dschibuti|Yibuti|Djibouti|Gibuti|ジブチ|지부티|Djibuti|Джибути|Cibuti|吉布提"},
    {"DMA", "Dominica", "دومينيكا|Dominica|Dominica|Dominique|Dominica|ドミニカ国|도미니카|Dominica|Доминика|Dominika|多米尼克"},
    {"DOM", "Dominican Republic", "جمهورية الدومينيكان|Dominikanische Republik|República Dominicana|République dominicaine|Repubblica Dominicana|ドミニカ共和国|도미니카 공화국|República Dominicana|Доминиканская Республика|Dominik Cumhuriyeti|多米尼加共和国"},
    {"GDR", "East Germany", ""},
    {"TLS", "East Timor", "تيمور - ليشتي|Timor-Leste|Timor-Leste|Timor oriental|Timor Est|東ティモール|동티모르|Timor-Leste|Восточный Тимор|Timor-Leste|东帝汶"},
    {"ECU", "Ecuador", "الإكوادور|Ecuador|Ecuador|Équateur|Ecuador|エクアドル|에콰도르|Equador|Эквадор|Ekvador|厄瓜多尔"},
    {"EGY", "Egypt", "مصر|Ägypten|Egipto|Égypte|Egitto|エジプト|이집트|Egito|Египет|Mısır|埃及"},
    {"SLV ESA", "El Salvador", "السلفادور|El Salvador|El Salvador|Salvador|El Salvador|エルサルバドル|엘살바도르|El Salvador|Сальвадор|El Salvador|萨尔瓦多"},
    {"ENG", "England", ""},
    {"GNQ GEQ", "Equatorial Guinea", "غينيا الاستوائية|Äquatorialguinea|Guinea Ecuatorial|Guinée équatoriale|Guinea Equatoriale|赤道ギニア|적도 기니|Guiné Equatorial|Экваториальная Гвинея|Ekvator Ginesi|赤道几内亚"},
    {"ERI", "Eritrea", "إريتريا|Eritrea|Eritrea|Érythrée|Eritrea|エリトリア|에리트리아|Eritreia|Эритрея|Eritre|厄立特里亚"},
    {"EST", "Estonia", "إستونيا|Estland|Estonia|Estonie|Estonia|エストニア|에스토니아|Estônia|Эстония|Estonya|爱沙尼亚"},
    {"SWZ", "Eswatini", "إسواتيني|Eswatini|Esuatini|Eswatini|Eswatini|エスワティニ|에스와티니|Essuatíni|Эсватини|Esvatini|斯威士兰"},
    {"ETH", "Ethiopia", "إثيوبيا|Äthiopien|Etiopía|Éthiopie|Etiopia|エチオピア|에티오피아|Etiópia|Эфиопия|Etiyopya|埃塞俄比亚"},
    {"EUR EU", "European Union", "الاتحاد الأوروبي|Europäische Union|Unión Europea|Union européenne|Unione europea|欧州連合|유럽 연합|União Europeia|Европейский союз|Avrupa Birliği|欧盟"},
    {"FLK", "Falkland Islands", "جزر فوكلاند|Falklandinseln|Islas Malvinas|Îles Malouines|Isole Falkland|フォークランド諸島|포클랜드 제도|Ilhas Malvinas|Фолклендские о-ва|Falkland Adaları|福克兰群岛"},
    {"FRO FAR", "Faroe Islands", "جزر فارو|Färöer|Islas Feroe|Îles Féroé|Isole Fær Øer|フェロー諸島|페로 제도|Ilhas Faroé|Фарерские о-ва|Faroe Adaları|法罗群岛"},
    {"FJI FIJ", "Fiji", "فيجي|Fidschi|Fiyi|Fidji|Figi|フィジー|피지|Fiji|Фиджи|Fiji|斐济"},
    {"FIN", "Finland", "فنلندا|Finnland|Finlandia|Finlande|Finlandia|フィンランド|핀란드|Finlândia|Финляндия|Finlandiya|芬兰"},
    {"FRA", "France", "فرنسا|Frankreich|Francia|France|Francia|フランス|프랑스|França|Франция|Fransa|法国"},
    {"PYF TAH", "French Polynesia", "بولينيزيا الفرنسية|Französisch-Polynesien|Polinesia Francesa|Polynésie française|Polinesia Francese|仏領ポリネシア|프랑스령 폴리네시아|Polinésia Francesa|Французская Полинезия|Fransız Polinezyası|法属波利尼西亚"},
    {"GAB", "Gabon", "الغابون|Gabun|Gabón|Gabon|Gabon|ガボン|가봉|Gabão|Габон|Gabon|加蓬"},
    {"GMB GAM", "Gambia", "غامبيا|Gambia|Gambia|Gambie|Gambia|ガンビア|감비아|Gâmbia|Гамбия|Gambiya|冈比亚"},
    {"GEO", "Georgia", "جورجيا|Georgien|Georgia|Géorgie|Georgia|ジョージア|조지아|Geórgia|Грузия|Gürcistan|格鲁吉亚"},
    {"DEU GER", "Germany", "ألمانيا|Deutschland|Alemania|Allemagne|Germania|ドイツ|독일|Alemanha|Германия|Almanya|德国"},
    {"GHA", "Ghana", "غانا|Ghana|Ghana|Ghana|Ghana|ガーナ|가나|Gana|Гана|Gana|加纳"},
    {"GIB", "Gibraltar", "جبل طارق|Gibraltar|Gibraltar|Gibraltar|Gibilterra|ジブラルタル|지브롤터|Gibraltar|Гибралтар|Cebelitarık|直布罗陀"},
    {"GRC GRE", "Greece", "اليونان|Griechenland|Grecia|Grèce|Grecia|ギリシャ|그리스|Grécia|Греция|Yunanistan|希腊"},
    {"GRL", "Greenland", "غرينلاند|Grönland|Groenlandia|Groenland|Groenlandia|グリーンランド|그린란드|Groenlândia|Гренландия|Grönland|格陵兰"},
    {"GRD GRN", "Grenada", "غرينادا|Grenada|Granada|Grenade|Grenada|グレナダ|그레나다|Granada|Гренада|Grenada|格林纳达"},
    {"GUM", "Guam", "غوام|Guam|Guam|Guam|Guam|グアム|괌|Guam|Гуам|Guam|关岛"},
    {"GTM GUA", "Guatemala", "غواتيمالا|Guatemala|Guatemala|Guatemala|Guatemala|グアテマラ|과테말라|Guatemala|Гватемала|Guatemala|危地马拉"},
    {"GIN GUI", "Guinea", "غينيا|Guinea|Guinea|Guinée|Guinea|ギニア|기니|Guiné|Гвинея|Gine|几内亚"},
    {"GNB GBS", "Guinea-Bissau", "غينيا بيساو|Guinea-Bissau|Guinea-Bisáu|Guinée-Bissau|Guinea-Bissau|ギニアビサウ|기니비사우|Guiné-Bissau|Гвинея-Бисау|Gine-Bissau|几内亚比绍"},
    {"GUY", "Guyana", "غيانا|Guyana|Guyana|Guyana|Guyana|ガイアナ|가이아나|Guiana|Гайана|Guyana|圭亚那"},
    {"HTI HAI", "Haiti", "هايتي|Haiti|Haití|Haïti|Haiti|ハイチ|아이티|Haiti|Гаити|Haiti|海地"},
    {"HND HON", "Honduras", "هندوراس|Honduras|Honduras|Honduras|Honduras|ホンジュラス|온두라스|Honduras|Гондурас|Honduras|洪都拉斯"},
    {"HKG", "Hong Kong", "هونغ كونغ|Hongkong|Hong Kong|Hong Kong|Hong Kong|香港|홍콩|Hong Kong|Гонконг|Hong Kong|香港"},
    {"HUN", "Hungary", "هنغاريا|Ungarn|Hungría|Hongrie|Ungheria|ハンガリー|헝가리|Hungria|Венгрия|Macaristan|匈牙利"},
    {"ISL", "Iceland", "آيسلندا|Island|Islandia|Islande|Islanda|アイスランド|아이슬란드|Islândia|Исландия|İzlanda|冰岛"},
    {"IND", "India", "الهند|Indien|India|Inde|India|インド|인도|Índia|Индия|Hindistan|印度"},
    {"IDN INA", "Indonesia", "إندونيسيا|Indonesien|Indonesia|Indonésie|Indonesia|インドネシア|인도네시아|Indonésia|Индонезия|Endonezya|印度尼西亚"},
    {"IRN IRI", "Iran", "إيران|Iran|Irán|Iran|Iran|イラン|이란|Irã|Иран|İran|伊朗"},
    {"IRQ", "Iraq", "العراق|Irak|Irak|Irak|Iraq|イラク|이라크|Iraque|Ирак|Irak|伊拉克"},
    {"IRL", "Ireland", "أيرلندا|Irland|Irlanda|Irlande|Irlanda|アイルランド|아일랜드|Irlanda|Ирландия|İrlanda|爱尔兰"},
    {"ISR", "Israel", "إسرائيل|Israel|Israel|Israël|Israele|イスラエル|이스라엘|Israel|Израиль|İsrail|以色列"},
    {"ITA", "Italy", "إيطاليا|Italien|Italia|Italie|Italia|イタリア|이탈리아|Itália|Италия|İtalya|意大利"},
    {"CIV", "Ivory Coast", "ساحل العاج|Côte d’Ivoire|Côte d’Ivoire|Côte d’Ivoire|Costa d’Avorio|コートジボワール|코트디부아르|Costa do Marfim|Кот-д’Ивуар|Côte d’Ivoire|科特迪瓦"},
    {"JAM", "Jamaica", "جامايكا|Jamaika|Jamaica|Jamaïque|Giamaica|ジャマイカ|자메이카|Jamaica|Ямайка|Jamaika|牙买加"},
    {"JPN", "Japan", "اليابان|Japan|Japón|Japon|Giappone|日本|일본|Japão|Япония|Japonya|日本"},
    {"JOR", "Jordan", "الأردن|Jordanien|Jordania|Jordanie|Giordania|ヨルダン|요르단|Jordânia|Иордания|Ürdün|约旦"},
    {"KAZ", "Kazakhstan", "كازاخستان|Kasachstan|Kazajistán|Kazakhstan|Kazakistan|カザフスタン|카자흐스탄|Cazaquistão|Казахстан|Kazakistan|哈萨克斯坦"},
    {"KEN", "Kenya", "كينيا|Kenia|Kenia|Kenya|Kenya|ケニア|케냐|Quênia|Кения|Kenya|肯尼亚"},
    {"KIR", "Kiribati", "كيريباتي|Kiribati|Kiribati|Kiribati|Kiribati|キリバス|키리바시|Quiribati|Кирибати|Kiribati|基里巴斯"},
    {"KOS XKX", "Kosovo", "كوسوفو|Kosovo|Kosovo|Kosovo|Kosovo|コソボ|코소보|Kosovo|Косово|Kosova|科索沃"},
    {"KWT KUW", "Kuwait", "الكويت|Kuwait|Kuwait|Koweït|Kuwait|クウェート|쿠웨이트|Kuwait|Кувейт|Kuveyt|科威特"},
    {"KGZ", "Kyrgyzstan", "قيرغيزستان|Kirgisistan|Kirguistán|Kirghizstan|Kirghizistan|キルギス|키르기스스탄|Quirguistão|Киргизия|Kırgızistan|吉尔吉斯斯坦"},
    {"LAO", "Laos", "لاوس|Laos|Laos|Laos|Laos|ラオス|라오스|Laos|Лаос|Laos|老挝"},
    {"LVA LAT", "Latvia", "لاتفيا|Lettland|Letonia|Lettonie|Lettonia|ラトビア|라트비아|Letônia|Латвия|Letonya|拉脱维亚"},
    {"LBN LIB", "Lebanon", "لبنان|Libanon|Líbano|Liban|Libano|レバノン|레바논|Líbano|Ливан|Lübnan|黎巴嫩"},
    {"LSO LES", "Lesotho", "ليسوتو|Lesotho|Lesoto|Lesotho|Lesotho|レソト|레소토|Lesoto|Лесото|Lesotho|莱索托"},
    {"LBR", "Liberia", "ليبيريا|Liberia|Liberia|Liberia|Liberia|リベリア|라이베리아|Libéria|Либерия|Liberya|利比里亚"},
    {"LBY LBA", "Libya", "ليبيا|Libyen|Libia|Libye|Libia|リビア|리비아|Líbia|Ливия|Libya|利比亚"},
    {"LIE", "Liechtenstein", "ليختنشتاين|Liechtenstein|Liechtenstein|Liechtenstein|Liechtenstein|リヒテンシュタイン|리히텐슈타인|Liechtenstein|Лихтенштейн|Liechtenstein|列支敦士登"},
    {"LTU", "Lithuania", "ليتوانيا|Litauen|Lituania|Lituanie|Lituania|リトアニア|리투아니아|Lituânia|Литва|Litvanya|立陶宛"},
    {"LUX", "Luxembourg", "لوكسمبورغ|Luxemburg|Luxemburgo|Luxembourg|Lussemburgo|ルクセンブルク|룩셈부르크|Luxemburgo|Люксембург|Lüksemburg|卢森堡"},
    {"MAC", "Macau", "مكاو|Macau|Macao|Macao|Macao|マカオ|마카오|Macau|Макао|Makao|澳门"},
    {"MDG MAD", "Madagascar", "مدغشقر|Madagaskar|Madagascar|Madagascar|Madagascar|マダガスカル|마다가스카르|Madagascar|Мадагаскар|Madagaskar|马达加斯加"},
    {"MWI MAW", "Malawi", "ملاوي|Malawi|Malaui|Malawi|Malawi|マラウイ|말라위|Malaui|Малави|Malavi|马拉维"},
    {"MYS MAS", "Malaysia", "ماليزيا|Malaysia|Malasia|Malaisie|Malaysia|マレーシア|말레이시아|Malásia|Малайзия|Malezya|马来西亚"},
    {"MDV", "Maldives", "جزر المالديف|Malediven|Maldivas|Maldives|Maldive|モルディブ|몰디브|Maldivas|Мальдивы|Maldivler|马尔代夫"},
    {"MLI", "Mali", "مالي|Mali|Mali|Mali|Mali|マリ|말리|Mali|Мали|Mali|马里"},
    {"MLT", "Malta", "مالطا|Malta|Malta|Malte|Malta|マルタ|몰타|Malta|Мальта|Malta|马耳他"},
    {"MHL", "Marshall Islands", "جزر مارشال|Marshallinseln|Islas Marshall|Îles Marshall|Isole Marshall|マーシャル諸島|마셜 제도|Ilhas Marshall|Маршалловы о-ва|Marshall Adaları|马绍尔群岛"},
    {"MRT MTN", "Mauritania", "موريتانيا|Mauretanien|Mauritania|Mauritanie|Mauritania|モーリタニア|모리타니|Mauritânia|Мавритания|Moritanya|毛里塔尼亚"},
    {"MUS MRI", "Mauritius", "موريشيوس|Mauritius|Mauricio|Maurice|Mauritius|モーリシャス|모리셔스|Maurício|Маврикий|Mauritius|毛里求斯"},
    {"MEX", "Mexico", "المكسيك|Mexiko|México|Mexique|Messico|メキシコ|멕시코|México|Мексика|Meksika|墨西哥"},
    {"FSM", "Micronesia", "ميكرونيزيا|Mikronesien|Micronesia|Micronésie|Micronesia|ミクロネシア連邦|미크로네시아|Micronésia|Федеративные Штаты Микронезии|Mikronezya|密克罗尼西亚"},
    {"MDA", "Moldova", "مولدوفا|Republik Moldau|Moldavia|Moldavie|Moldavia|モルドバ|몰도바|Moldávia|Молдова|Moldova|摩尔多瓦"},
    {"MCO MON", "Monaco", "موناكو|Monaco|Mónaco|Monaco|Monaco|モナコ|모나코|Mônaco|Монако|Monako|摩纳哥"},
    {"MNG MGL", "Mongolia", "منغوليا|Mongolei|Mongolia|Mongolie|Mongolia|モンゴル|몽골|Mongólia|Монголия|Moğolistan|蒙古"},
    {"MNE", "Montenegro", "الجبل الأسود|Montenegro|Montenegro|Monténégro|Montenegro|モンテネグロ|몬테네그로|Montenegro|Черногория|Karadağ|黑山"},
    {"MSR", "Montserrat", "مونتسرات|Montserrat|Montserrat|Montserrat|Montserrat|モントセラト|몬트세라트|Montserrat|Монтсеррат|Montserrat|蒙特塞拉特"},
    {"MAR", "Morocco", "المغرب|Marokko|Marruecos|Maroc|Marocco|モロッコ|모로코|Marrocos|Марокко|Fas|摩洛哥"},
    {"MOZ", "Mozambique", "موزمبيق|Mosambik|Mozambique|Mozambique|Mozambico|モザンビーク|모잠비크|Moçambique|Мозамбик|Mozambik|莫桑比克"},
    {"MMR MYA", "Myanmar", "ميانمار (بورما)|Myanmar|Myanmar (Birmania)|Myanmar (Birmanie)|Myanmar (Birmania)|ミャンマー (ビルマ)|미얀마|Mianmar (Birmânia)|Мьянма (Бирма)|Myanmar (Burma)|缅甸"},
    {"NAM", "Namibia", "ناميبيا|Namibia|Namibia|Namibie|Namibia|ナミビア|나미비아|Namíbia|Намибия|Namibya|纳米比亚"},
    {"NRU", "Nauru", "ناورو|Nauru|Nauru|Nauru|Nauru|ナウル|나우루|Nauru|Науру|Nauru|瑙鲁"},
    {"NPL NEP", "Nepal", "نيبال|Nepal|Nepal|Népal|Nepal|ネパール|네팔|Nepal|Непал|Nepal|尼泊尔"},
    {"NLD NED", "Netherlands", "هولندا|Niederlande|Países Bajos|Pays-Bas|Paesi Bassi|オランダ|네덜란드|Países Baixos|Нидерланды|Hollanda|荷兰"},
    {"NCL", "New Caledonia", "كاليدونيا الجديدة|Neukaledonien|Nueva Caledonia|Nouvelle-Calédonie|Nuova Caledonia|ニューカレドニア|뉴칼레도니아|Nova Caledônia|Новая Каледония|Yeni Kaledonya|新喀里多尼亚"},
    {"NZL", "New Zealand", "نيوزيلندا|Neuseeland|Nueva Zelanda|Nouvelle-Zélande|Nuova Zelanda|ニュージーランド|뉴질랜드|Nova Zelândia|Новая Зеландия|Yeni Zelanda|新西兰"},
    {"NIC NCA", "Nicaragua", "نيكاراغوا|Nicaragua|Nicaragua|Nicaragua|Nicaragua|ニカラグア|니카라과|Nicarágua|Никарагуа|Nikaragua|尼加拉瓜"},
    {"NER NIG", "Niger", "النيجر|Niger|Níger|Niger|Niger|ニジェール|니제르|Níger|Нигер|Nijer|尼日尔"},
    {"NGA NGR", "Nigeria", "نيجيريا|Nigeria|Nigeria|Nigeria|Nigeria|ナイジェリア|나이지리아|Nigéria|Нигерия|Nijerya|尼日利亚"},
    {"PRK", "North Korea", "كوريا الشمالية|Nordkorea|Corea del Norte|Corée du Nord|Corea del Nord|北朝鮮|북한|Coreia do Norte|КНДР|Kuzey Kore|朝鲜"},
    {"MKD", "North Macedonia", "مقدونيا الشمالية|Nordmazedonien|Macedonia del Norte|Macédoine du Nord|Macedonia del Nord|北マケドニア|북마케도니아|Macedônia do Norte|Северная Македония|Kuzey Makedonya|北马其顿"},
    {"NIR", "Northern Ireland", ""},
    {"NOR", "Norway", "النرويج|Norwegen|Noruega|Norvège|Norvegia|ノルウェー|노르웨이|Noruega|Норвегия|Norveç|挪威"},
    {"OMN OMA", "Oman", "عُمان|Oman|Omán|Oman|Oman|オマーン|오만|Omã|Оман|Umman|阿曼"},
    {"PAK", "Pakistan", "باكستان|Pakistan|Pakistán|Pakistan|Pakistan|パキスタン|파키스탄|Paquistão|Пакистан|Pakistan|巴基斯坦"},
    {"PLW", "Palau", "بالاو|Palau|Palaos|Palaos|Palau|パラオ|팔라우|Palau|Палау|Palau|帕劳"},
    {"PSE PLE", "Palestine", "فلسطين|Palästina|Palestina|Palestine|Palestina|パレスチナ|팔레스타인|Palestina|Палестина|Filistin|巴勒斯坦"},
    {"PAN", "Panama", "بنما|Panama|Panamá|Panama|Panama|パナマ|파나마|Panamá|Панама|Panama|巴拿马"},
    {"PNG", "Papua New Guinea", "بابوا غينيا الجديدة|Papua-Neuguinea|Papúa Nueva Guinea|Papouasie-Nouvelle-Guinée|Papua Nuova Guinea|パプアニューギニア|파푸아뉴기니|Papua-Nova Guiné|Папуа — Новая Гвинея|Papua Yeni Gine|巴布亚新几内亚"},
    {"PRY PAR", "Paraguay", "باراغواي|Paraguay|Paraguay|Paraguay|Paraguay|パラグアイ|파라과이|Paraguai|Парагвай|Paraguay|巴拉圭"},
    {"PER", "Peru", "بيرو|Peru|Perú|Pérou|Perù|ペルー|페루|Peru|Перу|Peru|秘鲁"},
    {"PHL PHI", "Philippines", "الفلبين|Philippinen|Filipinas|Philippines|Filippine|フィリピン|필리핀|Filipinas|Филиппины|Filipinler|菲律宾"},
    {"POL", "Poland", "بولندا|Polen|Polonia|Pologne|Polonia|ポーランド|폴란드|Polônia|Польша|Polonya|波兰"},
    {"PRT POR", "Portugal", "البرتغال|Portugal|Portugal|Portugal|Portogallo|ポルトガル|포르투갈|Portugal|Португалия|Portekiz|葡萄牙"},
    {"PRI PUR", "Puerto Rico", "بورتوريكو|Puerto Rico|Puerto Rico|Porto Rico|Portorico|プエルトリコ|푸에르토리코|Porto Rico|Пуэрто-Рико|Porto Riko|波多黎各"},
    {"QAT", "Qatar", "قطر|Katar|Catar|Qatar|Qatar|カタール|카타르|Catar|Катар|Katar|卡塔尔"},
    {"COG CGO", "Republic of the Congo", "الكونغو - برازافيل|Kongo-Brazzaville|Congo|Congo-Brazzaville|Congo-Brazzaville|コンゴ共和国(ブラザビル)|콩고-브라자빌|República do Congo|Конго - Браззавиль|Kongo - Brazavil|刚果（布）"},
    {"ROU ROM", "Romania", "رومانيا|Rumänien|Rumanía|Roumanie|Romania|ルーマニア|루마니아|Romênia|Румыния|Romanya|罗马尼亚"},
    {"RUS", "Russia", "روسيا|Russland|Rusia|Russie|Russia|ロシア|러시아|Rússia|Россия|Rusya|俄罗斯"},
    {"RWA", "Rwanda", "رواندا|Ruanda|Ruanda|Rwanda|Ruanda|ルワンダ|르완다|Ruanda|Руанда|Ruanda|卢旺达"},
    {"KNA SKN", "Saint Kitts and Nevis", "سانت كيتس ونيفيس|St. Kitts und Nevis|San Cristóbal y Nieves|Saint-Christophe-et-Niévès|Saint Kitts e Nevis|セントクリストファー・ネーヴィス|세인트키츠 네비스|São Cristóvão e Névis|Сент-Китс и Невис|Saint Kitts ve Nevis|圣基茨和尼维斯"},
    {"LCA", "Saint Lucia", "سانت لوسيا|St. Lucia|Santa Lucía|Sainte-Lucie|Saint Lucia|セントルシア|세인트루시아|Santa Lúcia|Сент-Люсия|Saint Lucia|圣卢西亚"},
    {"VCT VIN", "Saint Vincent and the Grenadines", "سانت فنسنت وجزر غرينادين|St. Vincent und die Grenadinen|San Vicente y las Granadinas|Saint-Vincent-et-les Grenadines|Saint Vincent e Grenadine|セントビンセント及びグレナディーン諸島|세인트빈센트그레나딘|São Vicente e Granadinas|Сент-Винсент и Гренадины|Saint Vincent ve Grenadinler|圣文森特和格林纳丁斯"},
    {"WSM SAM", "Samoa", "ساموا|Samoa|Samoa|Samoa|Samoa|サモア|사모아|Samoa|Самоа|Samoa|萨摩亚"},
    {"SMR", "San Marino", "سان مارينو|San Marino|San Marino|Saint-Marin|San Marino|サンマリノ|산마리노|San Marino|Сан-Марино|San Marino|圣马力诺"},
    {"SAU KSA", "Saudi Arabia", "المملكة العربية السعودية|Saudi-Arabien|Arabia Saudí|Arabie saoudite|Arabia Saudita|サウジアラビア|사우디아라비아|Arábia Saudita|Саудовская Аравия|Suudi Arabistan|沙特阿拉伯"},
    {"SCO", "Scotland", ""},
    {"SEN", "Senegal", "السنغال|Senegal|Senegal|Sénégal|Senegal|セネガル|세네갈|Senegal|Сенегал|Senegal|塞内加尔"},
    {"SRB", "Serbia", "صربيا|Serbien|Serbia|Serbie|Serbia|セルビア|세르비아|Sérvia|Сербия|Sırbistan|塞尔维亚"},
    {"SCG", "Serbia and Montenegro", ""},
    {"SYC SEY", "Seychelles", "سيشل|Seychellen|Seychelles|Seychelles|Seychelles|セーシェル|세이셸|Seicheles|Сейшельские о-ва|Seyşeller|塞舌尔"},
    {"SLE", "Sierra Leone", "سيراليون|Sierra Leone|Sierra Leona|Sierra Leone|Sierra Leone|シエラレオネ|시에라리온|Serra Leoa|Сьерра-Леоне|Sierra Leone|塞拉利昂"},
    {"SGP SIN", "Singapore", "سنغافورة|Singapur|Singapur|Singapour|Singapore|シンガポール|싱가포르|Singapura|Сингапур|Singapur|新加坡"},
    {"SVK", "Slovakia", "سلوفاكيا|Slowakei|Eslovaquia|Slovaquie|Slovacchia|スロバキア|슬로바키아|Eslováquia|Словакия|Slovakya|斯洛伐克"},
    {"SVN SLO", "Slovenia", "سلوفينيا|Slowenien|Eslovenia|Slovénie|Slovenia|スロベニア|슬로베니아|Eslovênia|Словения|Slovenya|斯洛文尼亚"},
    {"SLB SOL", "Solomon Islands", "جزر سليمان|Salomonen|Islas Salomón|Îles Salomon|Isole Salomone|ソロモン諸島|솔로몬 제도|Ilhas Salomão|Соломоновы о-ва|Solomon Adaları|所罗门群岛"},
    {"SOM", "Somalia", "الصومال|Somalia|Somalia|Somalie|Somalia|ソマリア|소말리아|Somália|Сомали|Somali|索马里"},
    {"ZAF RSA", "South Africa", "جنوب أفريقيا|Südafrika|Sudáfrica|Afrique du Sud|Sudafrica|南アフリカ|남아프리카|África do Sul|Южно-Африканская Республика|Güney Afrika|南非"},
    {"KOR ROK", "South Korea", "كوريا الجنوبية|Südkorea|Corea del Sur|Corée du Sud|Corea del Sud|韓国|대한민국|Coreia do Sul|Республика Корея|Güney Kore|韩国"},
    {"SSD", "South Sudan", "جنوب السودان|Südsudan|Sudán del Sur|Soudan du Sud|Sud Sudan|南スーダン|남수단|Sudão do Sul|Южный Судан|Güney Sudan|南苏丹"},
    {"URS USSR", "Soviet Union", ""},
    {"ESP SPA", "Spain", "إسبانيا|Spanien|España|Espagne|Spagna|スペイン|스페인|Espanha|Испания|İspanya|西班牙"},
    {"LKA SRI", "Sri Lanka", "سريلانكا|Sri Lanka|Sri Lanka|Sri Lanka|Sri Lanka|スリランカ|스리랑카|Sri Lanka|Шри-Ланка|Sri Lanka|斯里兰卡"},
    {"SDN SUD", "Sudan", "السودان|Sudan|Sudán|Soudan|Sudan|スーダン|수단|Sudão|Судан|Sudan|苏丹"},
    {"SUR", "Suriname", "سورينام|Suriname|Surinam|Suriname|Suriname|スリナム|수리남|Suriname|Суринам|Surinam|苏里南"},
    {"SWE", "Sweden", "السويد|Schweden|Suecia|Suède|Svezia|スウェーデン|스웨덴|Suécia|Швеция|İsveç|瑞典"},
    {"CHE SUI", "Switzerland", "سويسرا|Schweiz|Suiza|Suisse|Svizzera|スイス|스위스|Suíça|Швейцария|İsviçre|瑞士"},
    {"SYR", "Syria", "سوريا|Syrien|Siria|Syrie|Siria|シリア|시리아|Síria|Сирия|Suriye|叙利亚"},
    {"STP", "São Tomé and Príncipe", "ساو تومي وبرينسيبي|São Tomé und Príncipe|Santo Tomé y Príncipe|Sao Tomé-et-Principe|São Tomé e Príncipe|サントメ・プリンシペ|상투메 프린시페|São Tomé e Príncipe|Сан-Томе и Принсипи|Sao Tome ve Principe|圣多美和普林西比"},
    {"TWN", "Taiwan", "تايوان|Taiwan|Taiwán|Taïwan|Taiwan|台湾|대만|Taiwan|Тайвань|Tayvan|台湾"},
    {"TJK", "Tajikistan", "طاجيكستان|Tadschikistan|Tayikistán|Tadjikistan|Tagikistan|タジキスタン|타지키스탄|Tadjiquistão|Таджикистан|Tacikistan|塔吉克斯坦"},
    {"TZA TAN", "Tanzania", "تنزانيا|Tansania|Tanzania|Tanzanie|Tanzania|タンザニア|탄자니아|Tanzânia|Танзания|Tanzanya|坦桑尼亚"},
    {"THA", "Thailand", "تايلاند|Thailand|Tailandia|Thaïlande|Thailandia|タイ|태국|Tailândia|Таиланд|Tayland|泰国"},
    {"TGO TOG", "Togo", "توغو|Togo|Togo|Togo|Togo|トーゴ|토고|Togo|Того|Togo|多哥"},
    {"TON TGA", "Tonga", "تونغا|Tonga|Tonga|Tonga|Tonga|トンガ|통가|Tonga|Тонга|Tonga|汤加"},
    {"TTO TRI", "Trinidad and Tobago", "ترينيداد وتوباغو|Trinidad und Tobago|Trinidad y Tobago|Trinité-et-Tobago|Trinidad e Tobago|トリニダード・トバゴ|트리니다드 토바고|Trinidad e Tobago|Тринидад и Тобаго|Trinidad ve Tobago|特立尼达和多巴哥"},
    {"TUN", "Tunisia", "تونس|Tunesien|Túnez|Tunisie|Tunisia|チュニジア|튀니지|Tunísia|Тунис|Tunus|突尼斯"},
    {"TUR", "Turkey", "تركيا|Türkei|Turquía|Turquie|Turchia|トルコ|튀르키예|Turquia|Турция|Türkiye|土耳其"},
    {"TKM", "Turkmenistan", "تركمانستان|Turkmenistan|Turkmenistán|Turkménistan|Turkmenistan|トルクメニスタン|투르크메니스탄|Turcomenistão|Туркменистан|Türkmenistan|土库曼斯坦"},
    {"TCA", "Turks and Caicos Islands", "جزر توركس وكايكوس|Turks- und Caicosinseln|Islas Turcas y Caicos|Îles Turques-et-Caïques|Isole Turks e Caicos|タークス・カイコス諸島|터크스 케이커스 제도|Ilhas Turcas e Caicos|Тёркс и Кайкос|Turks ve Caicos Adaları|特克斯和凯科斯群岛"},
    {"TUV", "Tuvalu", "توفالو|Tuvalu|Tuvalu|Tuvalu|Tuvalu|ツバル|투발루|Tuvalu|Тувалу|Tuvalu|图瓦卢"},
    {"UGA", "Uganda", "أوغندا|Uganda|Uganda|Ouganda|Uganda|ウガンダ|우간다|Uganda|Уганда|Uganda|乌干达"},
    {"UKR", "Ukraine", "أوكرانيا|Ukraine|Ucrania|Ukraine|Ucraina|ウクライナ|우크라이나|Ucrânia|Украина|Ukrayna|乌克兰"},
    {"ARE UAE", "United Arab Emirates", "الإمارات العربية المتحدة|Vereinigte Arabische Emirate|Emiratos Árabes Unidos|Émirats arabes unis|Emirati Arabi Uniti|アラブ首長国連邦|아랍에미리트|Emirados Árabes Unidos|ОАЭ|Birleşik Arap Emirlikleri|阿拉伯联合酋长国"},
    {"GBR UK", "United Kingdom", "المملكة المتحدة|Vereinigtes Königreich|Reino Unido|Royaume-Uni|Regno Unito|イギリス|영국|Reino Unido|Великобритания|Birleşik Krallık|英国"},
    {"USA US", "United States", "الولايات المتحدة|Vereinigte Staaten|Estados Unidos|États-Unis|Stati Uniti|アメリカ合衆国|미국|Estados Unidos|США|Amerika Birleşik Devletleri|美国"},
    {"VIR ISV", "United States Virgin Islands", "جزر فيرجن الأمريكية|Amerikanische Jungferninseln|Islas Vírgenes de EE. UU.|Îles Vierges des États-Unis|Isole Vergini Americane|米領ヴァージン諸島|미국령 버진아일랜드|Ilhas Virgens Americanas|Виргинские о-ва (США)|ABD Virjin Adaları|美属维尔京群岛"},
    {"URY URU", "Uruguay", "أورغواي|Uruguay|Uruguay|Uruguay|Uruguay|ウルグアイ|우루과이|Uruguai|Уругвай|Uruguay|乌拉圭"},
    {"UZB", "Uzbekistan", "أوزبكستان|Usbekistan|Uzbekistán|Ouzbékistan|Uzbekistan|ウズベキスタン|우즈베키스탄|Uzbequistão|Узбекистан|Özbekistan|乌兹别克斯坦"},
    {"VUT VAN", "Vanuatu", "فانواتو|Vanuatu|Vanuatu|Vanuatu|Vanuatu|バヌアツ|바누아투|Vanuatu|Вануату|Vanuatu|瓦努阿图"},
    {"VAT", "Vatican City", "الفاتيكان|Vatikanstadt|Ciudad del Vaticano|État de la Cité du Vatican|Città del Vaticano|バチカン市国|바티칸 시국|Cidade do Vaticano|Ватикан|Vatikan|梵蒂冈"},
    {"VEN", "Venezuela", "فنزويلا|Venezuela|Venezuela|Venezuela|Venezuela|ベネズエラ|베네수엘라|Venezuela|Венесуэла|Venezuela|委内瑞拉"},
    {"VNM VIE", "Vietnam", "فيتنام|Vietnam|Vietnam|Viêt Nam|Vietnam|ベトナム|베트남|Vietnã|Вьетнам|Vietnam|越南"},
    {"WAL", "Wales", ""},
    {"FRG", "West Germany", ""},
    {"ESH", "Western Sahara", "الصحراء الغربية|Westsahara|Sáhara Occidental|Sahara occidental|Sahara Occidentale|西サハラ|서사하라|Saara Ocidental|Западная Сахара|Batı Sahra|西撒哈拉"},
    {"YEM", "Yemen", "اليمن|Jemen|Yemen|Yémen|Yemen|イエメン|예멘|Iêmen|Йемен|Yemen|也门"},
    {"YUG", "Yugoslavia", ""},
    {"ZMB ZAM", "Zambia", "زامبيا|Sambia|Zambia|Zambie|Zambia|ザンビア|잠비아|Zâmbia|Замбия|Zambiya|赞比亚"},
    {"ZWE ZIM", "Zimbabwe", "زيمبابوي|Simbabwe|Zimbabue|Zimbabwe|Zimbabwe|ジンバブエ|짐바브웨|Zimbábue|Зимбабве|Zimbabve|津巴布韦"},
};
/* clang-format on */

/* The number of the language in the list, -1 when it is not there, -2 = English. */
static int language_at(const char *language)
{
    int at = 0;

    if (!language || strcmp(language, "en") == 0 || strcmp(language, "simple") == 0)
        return -2;
    for (const char *p = languages; *p; p += *p == ' ', at++) {
        const size_t len = strcspn(p, " ");
        if (strlen(language) == len && memcmp(p, language, len) == 0)
            return at;
        p += len;
    }
    return -1;
}

static const char *name_in(size_t *len, const struct country *c, int language)
{
    const char *name = language == -2 ? c->name : c->names;

    for (; language > 0 && *name; language--)
        name += strcspn(name, "|") + 1;
    *len = language == -1 ? 0 : strcspn(name, "|");
    return name;
}

static int has_code(const struct country *c, const char *code, size_t n)
{
    for (const char *p = c->codes; *p; p += *p == ' ') {
        const size_t len = strcspn(p, " ");
        if (len == n && memcmp(p, code, n) == 0)
            return 1;
        p += len;
    }
    return 0;
}

const char *countries_of_code(size_t *len, const char *code, size_t n, const char *language)
{
    *len = 0;
    for (size_t i = 0; n >= 2 && n <= 4 && i < sizeof countries / sizeof countries[0]; i++) {
        if (has_code(&countries[i], code, n))
            return name_in(len, &countries[i], language_at(language));
    }
    return NULL;
}

const char *countries_of_name(size_t *len, const char *name, size_t n, const char *language)
{
    const int at = language_at(language);

    for (size_t i = 0; i < sizeof countries / sizeof countries[0]; i++) {
        const struct country *c = &countries[i];
        const char *own = name_in(len, c, at);
        if ((strlen(c->name) == n && memcmp(c->name, name, n) == 0) ||
            (*len && *len == n && memcmp(own, name, n) == 0))
            return own;
    }
    *len = 0;
    return NULL;
}
