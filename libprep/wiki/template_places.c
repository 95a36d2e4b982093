/* template_places.c -- flags and codes of countries. */
#include "wiki/template_places.h"

#include <string.h>

#include "wiki/context.h"

struct country {
    const char *codes; /* alpha-3 first, then those of sports; ' ' between */
    const char *name;
};

/* clang-format off */
static const struct country countries[] = {
    {"AFG", "Afghanistan"}, {"ALB", "Albania"}, {"DZA ALG", "Algeria"}, {"AND", "Andorra"}, {"AGO ANG", "Angola"},
    {"ATG ANT", "Antigua and Barbuda"}, {"ARG", "Argentina"}, {"ARM", "Armenia"}, {"ABW ARU", "Aruba"}, {"AUS", "Australia"},
    {"AUT", "Austria"}, {"AZE", "Azerbaijan"}, {"BHS BAH", "Bahamas"}, {"BHR BRN_", "Bahrain"}, {"BGD BAN", "Bangladesh"},
    {"BRB BAR", "Barbados"}, {"BLR", "Belarus"}, {"BEL", "Belgium"}, {"BLZ BIZ", "Belize"}, {"BEN", "Benin"},
    {"BMU BER", "Bermuda"}, {"BTN BHU", "Bhutan"}, {"BOL", "Bolivia"}, {"BIH", "Bosnia and Herzegovina"}, {"BWA BOT", "Botswana"},
    {"BRA", "Brazil"}, {"BRN BRU", "Brunei"}, {"BGR BUL", "Bulgaria"}, {"BFA BUR", "Burkina Faso"}, {"BDI", "Burundi"},
    {"KHM CAM", "Cambodia"}, {"CMR", "Cameroon"}, {"CAN", "Canada"}, {"CPV", "Cape Verde"}, {"CAF", "Central African Republic"},
    {"TCD CHA", "Chad"}, {"CHL CHI", "Chile"}, {"CHN PRC", "China"}, {"COL", "Colombia"}, {"COM", "Comoros"},
    {"COG CGO", "Republic of the Congo"}, {"COD", "Democratic Republic of the Congo"}, {"CRI CRC", "Costa Rica"}, {"CIV", "Ivory Coast"},
    {"HRV CRO", "Croatia"}, {"CUB", "Cuba"}, {"CYP", "Cyprus"}, {"CZE", "Czech Republic"}, {"DNK DEN", "Denmark"},
    {"DJI", "Djibouti"}, {"DMA", "Dominica"}, {"DOM", "Dominican Republic"}, {"ECU", "Ecuador"}, {"EGY", "Egypt"},
    {"SLV ESA", "El Salvador"}, {"ENG", "England"}, {"GNQ GEQ", "Equatorial Guinea"}, {"ERI", "Eritrea"}, {"EST", "Estonia"},
    {"SWZ", "Eswatini"}, {"ETH", "Ethiopia"}, {"EUR EU", "European Union"}, {"FRO FAR", "Faroe Islands"}, {"FJI FIJ", "Fiji"},
    {"FIN", "Finland"}, {"FRA", "France"}, {"GAB", "Gabon"}, {"GMB GAM", "Gambia"}, {"GEO", "Georgia"},
    {"DEU GER", "Germany"}, {"GDR", "East Germany"}, {"FRG", "West Germany"}, {"GHA", "Ghana"}, {"GIB", "Gibraltar"},
    {"GRC GRE", "Greece"}, {"GRL", "Greenland"}, {"GRD GRN", "Grenada"}, {"GUM", "Guam"}, {"GTM GUA", "Guatemala"},
    {"GIN GUI", "Guinea"}, {"GNB GBS", "Guinea-Bissau"}, {"GUY", "Guyana"}, {"HTI HAI", "Haiti"}, {"HND HON", "Honduras"},
    {"HKG", "Hong Kong"}, {"HUN", "Hungary"}, {"ISL", "Iceland"}, {"IND", "India"}, {"IDN INA", "Indonesia"},
    {"IRN IRI", "Iran"}, {"IRQ", "Iraq"}, {"IRL", "Ireland"}, {"ISR", "Israel"}, {"ITA", "Italy"},
    {"JAM", "Jamaica"}, {"JPN", "Japan"}, {"JOR", "Jordan"}, {"KAZ", "Kazakhstan"}, {"KEN", "Kenya"},
    {"KIR", "Kiribati"}, {"PRK", "North Korea"}, {"KOR ROK", "South Korea"}, {"KOS XKX", "Kosovo"}, {"KWT KUW", "Kuwait"},
    {"KGZ", "Kyrgyzstan"}, {"LAO", "Laos"}, {"LVA LAT", "Latvia"}, {"LBN LIB", "Lebanon"}, {"LSO LES", "Lesotho"},
    {"LBR", "Liberia"}, {"LBY LBA", "Libya"}, {"LIE", "Liechtenstein"}, {"LTU", "Lithuania"}, {"LUX", "Luxembourg"},
    {"MAC", "Macau"}, {"MKD", "North Macedonia"}, {"MDG MAD", "Madagascar"}, {"MWI MAW", "Malawi"}, {"MYS MAS", "Malaysia"},
    {"MDV", "Maldives"}, {"MLI", "Mali"}, {"MLT", "Malta"}, {"MHL", "Marshall Islands"}, {"MRT MTN", "Mauritania"},
    {"MUS MRI", "Mauritius"}, {"MEX", "Mexico"}, {"FSM", "Micronesia"}, {"MDA", "Moldova"}, {"MCO MON", "Monaco"},
    {"MNG MGL", "Mongolia"}, {"MNE", "Montenegro"}, {"MAR", "Morocco"}, {"MOZ", "Mozambique"}, {"MMR MYA", "Myanmar"},
    {"NAM", "Namibia"}, {"NRU", "Nauru"}, {"NPL NEP", "Nepal"}, {"NLD NED", "Netherlands"}, {"NZL", "New Zealand"},
    {"NIC NCA", "Nicaragua"}, {"NER NIG", "Niger"}, {"NGA NGR", "Nigeria"}, {"NIR", "Northern Ireland"}, {"NOR", "Norway"},
    {"OMN OMA", "Oman"}, {"PAK", "Pakistan"}, {"PLW", "Palau"}, {"PSE PLE", "Palestine"}, {"PAN", "Panama"},
    {"PNG", "Papua New Guinea"}, {"PRY PAR", "Paraguay"}, {"PER", "Peru"}, {"PHL PHI", "Philippines"}, {"POL", "Poland"},
    {"PRT POR", "Portugal"}, {"PRI PUR", "Puerto Rico"}, {"QAT", "Qatar"}, {"ROC TPE", "Chinese Taipei"}, {"ROU ROM", "Romania"},
    {"RUS", "Russia"}, {"RWA", "Rwanda"}, {"KNA SKN", "Saint Kitts and Nevis"}, {"LCA", "Saint Lucia"},
    {"VCT VIN", "Saint Vincent and the Grenadines"}, {"WSM SAM", "Samoa"}, {"SMR", "San Marino"}, {"STP", "São Tomé and Príncipe"},
    {"SAU KSA", "Saudi Arabia"}, {"SCO", "Scotland"}, {"SEN", "Senegal"}, {"SRB", "Serbia"}, {"SCG", "Serbia and Montenegro"},
    {"SYC SEY", "Seychelles"}, {"SLE", "Sierra Leone"}, {"SGP SIN", "Singapore"}, {"SVK", "Slovakia"}, {"SVN SLO", "Slovenia"},
    {"SLB SOL", "Solomon Islands"}, {"SOM", "Somalia"}, {"ZAF RSA", "South Africa"}, {"SSD", "South Sudan"}, {"URS USSR", "Soviet Union"},
    {"ESP SPA", "Spain"}, {"LKA SRI", "Sri Lanka"}, {"SDN SUD", "Sudan"}, {"SUR", "Suriname"}, {"SWE", "Sweden"},
    {"CHE SUI", "Switzerland"}, {"SYR", "Syria"}, {"TWN", "Taiwan"}, {"TJK", "Tajikistan"}, {"TZA TAN", "Tanzania"},
    {"TCH", "Czechoslovakia"}, {"THA", "Thailand"}, {"TLS", "East Timor"}, {"TGO TOG", "Togo"}, {"TON TGA", "Tonga"},
    {"TTO TRI", "Trinidad and Tobago"}, {"TUN", "Tunisia"}, {"TUR", "Turkey"}, {"TKM", "Turkmenistan"}, {"TUV", "Tuvalu"},
    {"UGA", "Uganda"}, {"UKR", "Ukraine"}, {"ARE UAE", "United Arab Emirates"}, {"GBR UK", "United Kingdom"}, {"USA US", "United States"},
    {"URY URU", "Uruguay"}, {"UZB", "Uzbekistan"}, {"VUT VAN", "Vanuatu"}, {"VAT", "Vatican City"}, {"VEN", "Venezuela"},
    {"VNM VIE", "Vietnam"}, {"WAL", "Wales"}, {"YEM", "Yemen"}, {"YUG", "Yugoslavia"}, {"ZMB ZAM", "Zambia"}, {"ZWE ZIM", "Zimbabwe"}
};
/* clang-format on */

const char *places_country(const char *code, size_t n)
{
    if (n < 2 || n > 4)
        return NULL;
    for (size_t i = 0; i < sizeof countries / sizeof countries[0]; i++) {
        for (const char *p = countries[i].codes; *p; p += *p == ' ') {
            const size_t len = strcspn(p, " ");
            if (len == n && memcmp(p, code, n) == 0)
                return countries[i].name;
            p += len;
        }
    }
    return NULL;
}

static bool holds(const char *text, size_t n, const char *word, size_t len)
{
    for (size_t i = 0; len && i + len <= n; i++) {
        if (text[i] == word[0] && memcmp(text + i, word, len) == 0)
            return true;
    }
    return false;
}

/* The name of the first argument: of a code when it is one, else the argument itself. On wikis in
 * other languages a code has no name here. */
static const char *name_of(size_t *len, const struct template_call *call)
{
    const char *language = call->page->site->language;
    const char *text = template_value(len, call, "name");
    const char *name;

    if (!*len)
        text = template_positional(len, call, 1);
    name = places_country(text, *len);
    if (!name)
        return text;
    if (language && strcmp(language, "en") != 0 && strcmp(language, "simple") != 0) {
        *len = 0;
        return "";
    }
    *len = strlen(name);
    return name;
}

bool template_flag(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len;
    const char *name = name_of(&len, call);

    (void)parameter;
    buf_put(to, name, len);
    return len > 0;
}

bool template_flag_icon(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len;
    const char *name = name_of(&len, call);

    (void)parameter;
    if (!len || memchr(name, '.', len) || holds(call->after, call->n_after, name, len) ||
        holds(call->before, call->n_before, name, len))
        return false;
    buf_put(to, name, len);
    return true;
}
