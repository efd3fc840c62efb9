"""Abbreviations by language, in lower case and without full stops, and words that begin sentences.

`index.text.sentence_rules.Rules` says what the lists mean.
"""

from __future__ import annotations

from typing import Final

# inside, numbered, either, starters
LISTS: Final[dict[str, tuple[str, str, str, str]]] = {
    "en": (
        """
        drs messrs mx msgr fr gov sen rep pres supt det cpl pvt cmdr adm brig sec-gen excl esp viz resp est'd
        asst assoc ps govt dept prop mt ft pt insp amb atty hon
        """,
        """
        nos vols figs sec sect secs arts chap chs ex op app apt rm pt pts eq eqs ref refs ver v para paras est
        min c circa ed eds jan feb mar apr jun jul aug sep sept oct nov dec rte hwy ext bldg div lot cl ll fl
        mon tue tues wed thu thur thurs fri sat sun temp lat qty avg
        """,
        "ave blvd rd jr sr bros llc plc mfg univ intl ed eds phd esq",
        """
        The This That These Those It He She They We You In On At A An But And For If When While After Before As
        However There His Her Their Its Our My Your To From With Since Some Many Most Not What Why How Who
        Where Also Although Because Then Please One Two Another Both Each Such So Yes Any All By During Until
        Once Here Instead Is Are Was Were Did Do Does Can No Or Nor Other Others I I'm It's
        """,
    ),
    "de": (
        """
        hr hrn fr frl bzw vgl evtl ggf ggfs inkl exkl dipl ing phil med jur rer nat habil geb gest sog allg
        mind zzgl abzgl zb dh ua su sa so idr va vd vl ev bspw gem entspr verh ehem ehemal jhd dgl einschl
        ausschl betr bes gegr insb insbes jew lt urspr verm wg zt zz zus ff hl kgl fa rd ing-büro maj oberst
        lat engl frz griech ital span dt österr schweiz amerik russ theol mag mult hc dres pol sen jun tägl wö
        monatl
        """,
        """
        abs abb anm aufl bd bde bl hrsg jg kap lfd nrn rn rz s sp ziff zi hs hausnr jan feb mär apr jun jul aug
        sep sept okt nov dez mwst mo di mi do fr sa so tel
        """,
        "std min sek mio mrd str chr v n pl a b d h i m o u z co kg ag gmbh",
        """
        Der Die Das Dies Diese Dieser Dieses Es Er Sie Ich Wir Ihr In Im Am An Auf Aus Bei Beim Mit Nach Von
        Vom Vor Zu Zum Zur Für Um Und Aber Oder Doch Denn Ein Eine Einer Eines Als Wenn Weil Da Dann Danach
        Damit Dabei Dort Hier Heute Seit So Auch Nur Noch Nicht Man Wer Was Wie Wo Wann Warum Wieder Während
        Obwohl Ob Daher Deshalb Trotz Durch Über Unter Bis Alle Alles Viele Einige Kein Keine Sein Seine Ihre
        Unser Unsere Mein Meine Jedoch Zwar Nun Jetzt Dazu Darauf Daraus Darin Dagegen Außerdem Zudem Später
        Insgesamt Ab Laut Zwischen Gegen Ohne
        """,
    ),
    "fr": (
        """
        m mm mgr me pr pers env hab av ap apr cad c-à-d pex ex-pres adj dir éd coll trad dép gén lieut bd boul req
        réf apt bât tél fax rens sté ets fg ndlr auj hors-t min boulev ref prés éts
        """,
        "n° nos t tt v vol chap sect alin al § fasc f ff pl janv févr avr juil sept oct nov déc vv",
        "cie jc j-c p s n a h",
        """
        Le La Les L'a Un Une Des Du De Ce Cet Cette Ces Il Elle Ils Elles On Nous Vous Je Tu Son Sa Ses Leur
        Leurs Mais Et Ou Donc Or Ni Car Si Quand Lorsque Comme Dans En Au Aux À Pour Par Sur Avec Sans Sous
        Après Avant Depuis Pendant Alors Ainsi Puis Enfin Cependant Toutefois Mon Ma Mes Notre Votre C'est Qui
        Que Quoi Où Comment Pourquoi Selon Chez Tout Tous Toute Toutes Plusieurs Certains Certaines Aujourd'hui
        Ici Là Ça
        """,
    ),
    "es": (
        """
        sra sres sras srta srtas dra dres dña d lic ing arq pdte pdta pbro fray gral cnel cap cmdte tte sto sta
        mons excmo excma ilmo ilma aprox ej pej máx mín teléf tfno tlf dpto depto avda av ctra gob ud uds vd
        vds ntra ntro hnos hno fco ma rvdo admón dcha izq atte
        """,
        "núm núms nro n° nº art arts cap caps pág págs p pp t vol vols fig figs apdo c cf ss siglo aprox",
        "ee uu eeuu cía sa sl hab dc ac jc c a b s n",
        """
        El La Los Las Lo Un Una Unos Unas Este Esta Estos Estas Ese Esa Esto Eso Su Sus Se En De Del Al A Con
        Por Para Sin Sobre Desde Hasta Entre Pero Y O Si No Cuando Como Aunque Porque Que Qué Quién Cómo Dónde
        Es Fue Era Son Él Ella Ellos Ellas Yo Tú Nosotros Mi Mis Nuestro Nuestra Según Tras Durante Además
        También Así Entonces Después Antes Luego Hoy Ya Hay Todo Todos Cada Otro Otra Otros Más Muchos Algunos
        Aquí Allí Éste Ésta Éstos Éstas
        """,
    ),
    "it": (
        """
        sig sigg sigra sigre signa dott dottssa dotti drssa avv ing arch rag geom proff profssa on onn sen
        min-int mons padre fra card egr gent gentmo spett preg ill ecc-mo cav comm pres dir cfr es pes vd circa
        min all ss s int tel pzza vle cso loc prov fraz
        """,
        """
        n nn nr num artt art pag pagg p vol voll cap capp fig figg tab lett co comma sec sez gen feb mar apr
        mag giu lug ago set sett ott nov dic rif vv
        """,
        "spa srl snc sas cia dc ac c a b d",
        """
        Il Lo La I Gli Le L'a Un Uno Una Questo Questa Questi Queste Quello Quella È E Ed Ma O Se In Nel Nella
        Nei Nelle Nello Nell'a Di Del Della Dei Delle Da Dal Dalla A Al Alla Ai Alle Con Per Su Sul Sulla Tra
        Fra Non Si Ci Che Chi Come Quando Dove Perché Anche Poi Così Quindi Però Dopo Prima Durante Secondo
        Sono Ha Hanno Suo Sua Loro Lui Lei Io Noi Voi Ogni Tutti Tutto Alcuni Molti Più Già Oggi Ora Infatti
        Inoltre Ecco
        """,
    ),
    "pt": (
        """
        sra srs sras srta dra drs dras profa profs eng engo arq exmo exma ilmo ilma gal cel cap ten d dom pe fr
        frei sto sta mons av r pça trav rod aprox máx mín ex obs dep gov pres min-just jd ed adm depto apto
        """,
        """
        n nº núm nums art arts cap pág págs p pp fl fls inc par vol vols fig figs séc sécs tel jan fev mar abr
        mai jun jul ago set out nov dez ss hab
        """,
        "cia ltda sa s a c b dc ac eua",
        """
        O A Os As Um Uma Uns Umas Este Esta Estes Estas Esse Essa Isso Isto Ele Ela Eles Elas Eu Nós Você Vocês
        Seu Sua Seus Suas Em No Na Nos Nas De Do Da Dos Das Ao À Com Por Pelo Pela Para Sem Sobre Desde Até
        Entre Mas E Ou Se Não Quando Como Embora Porque Que Quem Onde É Foi Era São Segundo Após Durante Além
        Também Assim Então Depois Antes Hoje Já Há Todo Todos Cada Outro Outra Mais Muitos Alguns Aqui Ali
        Nesse Nessa Neste Nesta Porém
        """,
    ),
    "nl": (
        """
        pers dhr mevr mw mej drs ir ing mr prof ds bv bijv bijvb o.a oa dwz ivm mbt tav tbv tgv ivg nav ihb zgn zg
        evt excl incl resp vgl vlg ca circa m.b.t c.q cq m.i.v miv minst w.o wo a.d mgr jkvr jhr lic st wijl
        wed kard kol luit min-pres gld ong ongeveer enz.v gep bijz alg jl ll d.d dd
        """,
        """
        min max nr nrs art artt blz p pp afb fig hfst h jrg dl lid tel jan febr feb mrt apr jun jul aug sept sep okt
        nov dec n
        """,
        "nv vof cv co str a.o ao e.a ea e.d ed",
        """
        De Het Een Dit Dat Deze Die Hij Zij Ze Wij We Ik Je Jij U Jullie Er In Op Aan Bij Met Van Voor Na Naar
        Door Over Om Uit Tot Te Ten Ter Maar En Of Want Als Toen Omdat Hoewel Terwijl Daar Daarom Daarna Dan
        Hier Nu Ook Nog Niet Geen Wie Wat Waar Waarom Hoe Wanneer Zo Zijn Haar Hun Ons Onze Mijn Alle Alles
        Veel Sommige Volgens Sinds Tijdens Tussen Tegen Zonder Al Is Heeft Was Sommigen Vandaag Echter Toch
        """,
    ),
    "ru": (
        """
        гг г-н г-жа гн гжа гр им ул пр просп пл пер наб бул б-р пос дер сел оз обл р-н св проф акад доц канд
        докт чл корр инж ген полк кап майор лейт см ср напр рис табл гл ст стр с кв д корп стр-ие т е к н п
        др-а тов англ нем фр лат греч итал исп нар букв прим ред изд перев тел мин макс ок род ум урожд соч
        собр рр о-в о-ва м-р миссис мр вел кн тк тн те ч вып илл устар юр мн ед числ пп в-во кит яп польск укр
        араб др-греч санкт-п а-я бывш
        """,
        "№ ч том т вып разд параграф п пункт илл млн",
        "г в вв д др п пр тд тп т руб коп тыс млрд трлн э н ж кг км см мм л а б о р б/у обл",
        """
        Он Она Оно Они Я Мы Вы Ты Это Эта Этот Эти Тот Та Те В Во На С Со К По Из От До У О Об За При Для Под
        Над Без Через После Перед Между И А Но Или Если Когда Как Так Также Тогда Потом Затем Однако Хотя
        Потому Поэтому Что Чтобы Кто Где Куда Почему Не Ни Его Её Ее Их Мой Наш Свой Все Всё Весь Каждый Другой
        Другие Многие Некоторые Был Была Было Были Есть Здесь Там Сейчас Теперь Ныне Уже Ещё Кроме Среди
        Согласно Именно Окончил Родился Умер Является Автор Член
        """,
    ),
    "sv": (
        "bl tex dvs fn mfl osv kl ca jfr resp tel st sk leg",
        "nr kap sid s jan feb mar apr jun jul aug sep okt nov dec",
        "",
        "",
    ),
    "da": (
        "bla fx dvs osv mfl kl ca jf hhv tlf inkl ekskl hr fru",
        "nr kap s jan feb mar apr jun jul aug sep okt nov dec",
        "",
        "",
    ),
    "no": (
        "bla feks dvs osv mfl kl ca jf hhv tlf inkl ekskl hr fru",
        "nr kap s jan feb mar apr jun jul aug sep okt nov des",
        "",
        "",
    ),
    "fi": (
        "esim mm ym yms jne ks vrt ns klo n os puh",
        "nro s luku",
        "",
        "",
    ),
    "pl": (
        "np tzn tzw tj m in św ks inż mgr hab doc red ul al pl os gen płk kpt ok zob por itp itd tel godz im",
        "nr s str rys tab r w poz ust",
        "",
        "",
    ),
    "cs": (
        "tj tzv např atd apod mj resp cca ing mgr bc judr mudr phdr rndr doc sv ul nám tel hod kč tis mil",
        "č str s obr tab r odst",
        "",
        "",
    ),
    "sk": (
        "tj tzv napr atď apod resp cca ing mgr bc judr mudr phdr doc sv ul nám tel hod tis mil",
        "č str s obr tab r ods",
        "",
        "",
    ),
    "hu": (
        "pl stb ill kb dr ifj id özv tel u ún",
        "sz old bek",
        "",
        "",
    ),
    "uk": (
        "р рр ім вул пр просп пл обл св проф акад доц див напр рис табл ст стор с д т е п тел о ін ред вид",
        "№ ч том п",
        "",
        "",
    ),
    "tr": (
        "dr prof doç av sn vb vs bkz örn yy müh alb yrd öğr gör cad sok mah tel",
        "no s",
        "",
        "",
    ),
}
