/* sections.c -- headings of sections that are not text.
 *
 * One list for all languages: articles are written in one of them, and none of these names is the
 * name of a chapter in another. */
#include "wiki/sections.h"

#include <string.h>

#include "wiki/site.h"

enum { HEADING_MAX = 120 };

/* Folded; '|' on both sides of each. */
static const char *const lists[] = {
    /* en */
    "|references|reference|notes|note|notes and references|references and notes|notes & references|"
    "references & notes|footnotes|footnotes and references|references and footnotes|citations|"
    "citation|citations and notes|notes and citations|sources|source|sources and references|"
    "references and sources|notes and sources|sources and notes|primary sources|"
    "secondary sources|see also|external links|external link|links|further reading|"
    "references and further reading|further reading and external links|"
    "see also and references|bibliography|select bibliography|selected bibliography|"
    "general bibliography|bibliography and references|works cited|literature cited|cited works|"
    "general references|general and cited references|cited references|web links|other websites|"
    "related pages|more reading|further information|additional reading|explanatory notes|"
    "informational notes|other sources|notes and bibliography|weblinks|",
    /* de, nl, af, sv, da, no */
    "|sekundärliteratur|weiterführende literatur|literaturhinweise|literatur (auswahl)|"
    "einzelnachweise|einzelnachweis|weblinks|weblink|literatur|quellen|belege|anmerkungen|"
    "anmerkungen und einzelnachweise|siehe auch|fußnoten|nachweise|literatur und quellen|"
    "einzelnachweise und anmerkungen|quellen und literatur|literaturverzeichnis|fussnoten|"
    "referenties|externe link|externe links|externe koppelingen|zie ook|bronnen|literatuur|noten|"
    "voetnoten|bronnen, noten en/of referenties|bronnen en referenties|"
    "referenser|källor|externa länkar|se även|litteratur|noter|fotnoter|vidare läsning|"
    "eksterne skakels|sien ook|verwysings|bronne|notas|"
    "kilder|eksterne henvisninger|eksterne lenker|referanser|se også|henvisninger|fodnoter|",
    /* fr, es, ca, pt, gl, it, ro */
    "|références|notes et références|notes|voir aussi|liens externes|lien externe|bibliographie|"
    "annexes|articles connexes|notes, sources et références|sources et références|références et "
    "notes|"
    "référence|sources et bibliographie|"
    "referencias|referencias y notas|notas y referencias|véase también|enlaces externos|notas|"
    "bibliografía|fuentes|bibliografía adicional|lecturas adicionales|"
    "referències|vegeu també|enllaços externs|bibliografia|"
    "referências|ver também|ligações externas|links externos|notas e referências|ligação externa|"
    "fontes|leitura adicional|bibliografia complementar|ligazóns externas|véxase tamén|"
    "note|voci correlate|collegamenti esterni|altri progetti|fonti|note e riferimenti|riferimenti|"
    "referințe|vezi și|legături externe|bibliografie|note și referințe|lectură suplimentară|",
    /* pl, cs, sk, hr, sl, hu, fi, et, tr, id, vi */
    "|przypisy|linki zewnętrzne|zobacz też|uwagi|"
    "reference a poznámky|poznámky|literatura|externí odkazy|související články|odkazy|"
    "referencie|externé odkazy|pozri aj|iné projekty|"
    "izvori|vanjske poveznice|vidi još|povezani članci|sklici|zunanje povezave|glej tudi|viri|"
    "jegyzetek|források|további információk|kapcsolódó szócikkek|irodalom|külső hivatkozások|"
    "lähteet|viitteet|aiheesta muualla|katso myös|kirjallisuutta|viited|välislingid|vaata ka|"
    "kaynakça|dış bağlantılar|ayrıca bakınız|notlar|kaynaklar|konuyla ilgili yayınlar|dipnotlar|"
    "referensi|pranala luar|lihat pula|catatan kaki|bacaan lanjutan|lihat juga|rujukan|pautan luar|"
    "tham khảo|liên kết ngoài|xem thêm|chú thích|ghi chú|đọc thêm|",
    /* ru, uk, be, bg, sr, el */
    "|примечания|ссылки|литература|см. также|источники|внешние ссылки|комментарии|сноски|"
    "примітки|посилання|література|див. також|джерела|крыніцы|спасылкі|літаратура|гл. таксама|"
    "зноскі|бележки|външни препратки|източници|вижте също|референце|спољашње везе|види још|извори|"
    "напомене|παραπομπές|εξωτερικοί σύνδεσμοι|δείτε επίσης|βιβλιογραφία|πηγές|σημειώσεις|",
    /* ar, fa, he, hi, bn, ta, th */
    "|مراجع|المراجع|مصادر|المصادر|وصلات خارجية|انظر أيضا|انظر أيضًا|انظر ايضا|هوامش|الهوامش|"
    "روابط خارجية|طالع أيضا|طالع أيضًا|ملاحظات|انظر أيضاً|منابع|پیوند به بیرون|جستارهای "
    "وابسته|پانویس|"
    "یادداشت‌ها|הערות שוליים|קישורים חיצוניים|ראו "
    "גם|לקריאה "
    "נוספת|ביבליוגרפיה|"
    "सन्दर्भ|संदर्भ|बाहरी कड़ियाँ|इन्हें भी देखें|टिप्पणी|यह भी देखें|बाहरी कड़ियां|"
    "তথ্যসূত্র|বহিঃসংযোগ|আরও দেখুন|மேற்கோள்கள்|வெளி இணைப்புகள்|อ้างอิง|แหล่งข้อมูลอื่น|ดูเพิ่ม|",
    /* ja, zh, ko */
    "|脚注|出典|参考文献|関連項目|外部リンク|注釈|注釈・出典|脚注・出典|出典・脚注|参考資料|"
    "関連文献|"
    "参考文献・外部リンク|注|"
    "参考资料|參考資料|参考文獻|參考文獻|参见|參見|參看|参看|外部链接|外部連結|外部連接|注释|注釋|"
    "註釋|"
    "延伸阅读|延伸閱讀|扩展阅读|參考|参考|相关条目|相關條目|參考來源|參考資料與注釋|註解|注脚|"
    "각주|참고 문헌|참고문헌|같이 보기|바깥 고리|외부 링크|함께 보기|출처|주석|참고 자료|",
};

/* A list that a user wrote: not folded, no '|' around. */
static bool is_wanted(const char *list, const char *word, size_t n)
{
    char folded[HEADING_MAX];

    while (*list) {
        const size_t len = strcspn(list, "|");
        if (site_fold(folded, sizeof folded, list, len) == n && memcmp(folded, word, n) == 0)
            return true;
        list += len + (list[len] == '|');
    }
    return false;
}

bool sections_is_apparatus(const char *heading, size_t n, const char *more)
{
    char folded[HEADING_MAX + 2] = "|";
    size_t len;

    while (n && (heading[n - 1] == ':' || heading[n - 1] == ' '))
        n--;
    len = site_fold(folded + 1, HEADING_MAX, heading, n);
    if (!len)
        return false;
    if (more && is_wanted(more, folded + 1, len))
        return true;
    memcpy(folded + 1 + len, "|", 2);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (strstr(lists[i], folded))
            return true;
    }
    return false;
}
