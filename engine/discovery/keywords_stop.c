/* Words that say nothing about a channel, by language; lower case, NFKC. Asked by keywords.c alone. */
#include "config.h"
#include "engine/discovery/keywords.h"

#include <string.h>

/* Each word stands between blanks. */
static const char *const keywords_stop_words[] = {
    /* English */
    " about above after again against all also always and any are around back "
    "because been before being below best between both but can cannot come could "
    "did does doing done don down each even every everyone everything few find "
    "first follow for from get give going good great guys had has have hello help "
    "her here hers him his how instagram into its itself just know last latest let "
    "life like little live look lot love made make many may maybe might more most "
    "much must name need never new next not nothing now off official once one only "
    "other our ours out over own page part people please post same see she should "
    "show since social some something soon still such take than thank thanks that "
    "the their them then there these they thing things this those through time "
    "today together too twitter under until upon use very want was way week welcome "
    "well were what when where whether which while who whose why will with within "
    "without world would year years you your yours yourself ",
    /* YouTube's own */
    " business channel channels clip clips comment comments contact content "
    "contents copyright creator discord email enjoy facebook gmail http https "
    "inquiries link links mail media playlist playlists share short shorts stream "
    "streams subscribe subscribed subscriber subscribers tiktok upload uploads "
    "video videos view views vlog vlogs watch watching website youtube youtuber "
    "youtubers ",
    /* Spanish */
    " ahora algo aquí así aunque bien bienvenido bienvenidos cada canal como con "
    "contenido contra cosas cuando del desde donde dos ella ellos entre era eres "
    "esta está estamos estas este esto estos estoy favor fue gracias hace hacer "
    "hasta hay hola las los mas más mejor mejores mis mucho muchos muy nada nos "
    "nosotros nuestra nuestro nuevo nuevos otra otro otros para pero por porque "
    "pues que qué quien ser siempre sin sobre solo son soy suscribete suscríbete "
    "también tan tengo tiene todas todo todos tus una unas uno unos usted vida "
    "vídeo vídeos ",
    /* Portuguese */
    " agora ainda até bem boa bom coisas com conteúdo dele depois ela elas ele eles "
    "essa esse estou foi inscreva inscrever inscrito isso isto mais meu meus minha "
    "muito não nas nossa nosso nova novo nós obrigado oficial onde ou pela pelo "
    "quando quem sem sempre seu seus sou sua suas também tem tenho toda tudo uma "
    "você vocês ",
    /* French */
    " abonne abonner abonnez ainsi alors après aussi autre autres avant avec avoir "
    "bienvenue bonjour car cela ces cette ceux chaîne chaque chez comme contenu "
    "dans depuis des dont elle elles encore est être été faire fait ici ils jour "
    "leur leurs lui merci mes moi mon même notre nous nouveau nouvelle ont par "
    "parce pas peu plus pour pourquoi quand quel quelle qui quoi sans ses soit sont "
    "sous suis sur tous tout toute toutes toujours très une venez vers vidéo vidéos "
    "vie vos votre vous ",
    /* German */
    " abonnieren abonniert aber alle allem allen aller alles als andere auch auf "
    "aus bei beim bin bis bitte danach dann das dass dein deine dem den denn der "
    "dich die dies diese diesem diesen dieser dieses doch dort durch ein eine einem "
    "einen einer eines einfach euch euer eure für ganz gibt habe haben hallo hat "
    "herzlich hier ihr ihre immer inhalt ist jede jeden jeder jetzt kanal kann kein "
    "keine können leben machen mein meine meinem meinen meiner mehr mich mir mit "
    "nach neue neuen neues nicht noch nur oder ohne schon sehr sein seine seit sich "
    "sie sind über uns unser unsere unter viel viele vielen vom von vor wann warum "
    "weil welche wenn wer werde werden wie willkommen wir wird woche zum zur "
    "zwischen ",
    /* Italian */
    " adesso alla allo altri anche ancora avere bene benvenuti benvenuto canale che "
    "chi ciao contenuti cosa cose così dai dal dalla degli della delle dello dove "
    "due ecco ero essere fare gli grazie hanno iscriviti iscrivetevi loro mia mie "
    "miei mio molto nel nella nelle noi non nostra nostro nuovi nuovo ogni oggi per "
    "perché più poi prima quella quelli quello questa queste questi questo quindi "
    "senza sia siamo sono sui sul sulla suo tutte tutti tutto voi vostro vita ",
    /* Dutch */
    " aan abonneer alleen altijd ben bij daar dan dat deze dit doen door een elke "
    "gaan geen goed haar heb hebben heeft heel hem het hoe ik iedereen jaar jij jou "
    "jouw jullie kanaal kan komen leuk maar maken meer met mijn naar niet niets "
    "nieuwe nog ons onze ook uit van veel vind voor waar wanneer waren wat welkom "
    "wij worden zal zelf zich zien zijn zonder ",
    /* Polish */
    " albo ale był było być cała chcę ciebie cię czy dla dlatego dziękuję filmy "
    "gdy gdzie ich jak jako jego jej jest jestem jeszcze już kanał kanale każdy "
    "kiedy który która które mam mnie moje może mój nad nasz nie nowe nowy oraz pod "
    "przez przy serdecznie się sobie subskrybuj swoje takie także tego ten tutaj "
    "tylko tym wam wami wasze wszystko wszystkich witam witamy więc znajdziesz żeby "
    "życie ",
    /* Turkish */
    " abone ama ancak beni benim bile bir biz bize bizim bu bunlar bütün çok daha "
    "değil diye en gibi göre hepsi hoş için içerik ile ise kadar kanala kanalı "
    "kanalıma kanalımız lütfen merhaba nasıl neden olan olarak olun olur onlar "
    "sadece sizin sizler sonra şey şimdi tüm ve veya videolar videoları yeni zaman ",
    /* Indonesian and Malay */
    " ada adalah agar aku akan anda apa atau bagi bahwa baru bisa dalam dapat dari "
    "dengan dia hanya hari ini itu jadi jangan juga kalau kalian kami kamu karena "
    "kita konten lagi lebih maka masih mereka oleh orang pada saja salam sangat "
    "saya sebagai selamat seluruh semua seperti silahkan sini sudah tentang terima "
    "kasih tidak tonton untuk yang ",
    /* Vietnamese */
    " bạn các cảm cho chúng chào của được đăng đến để đây hãy "
    "hơn không kênh khi là luôn mình mọi mới một nhé như nhiều những "
    "nhận này nội dung phải rất sẽ tất tại theo thì tôi trên trong và "
    "về với ",
    /* Russian */
    " без более будет будем будут была были было "
    "быть вам вами вас ваш ваша ваши весь видео вот "
    "все всегда всем всего всех всё вы где да даже "
    "дела день для добро другие друзья если есть "
    "еще ещё жизни жизнь здесь здравствуйте или "
    "именно как какие канал канала канале каналу "
    "когда контент который которые кто лет лучшие "
    "меня мне много моего моей моем может можно мой "
    "моя мои мы нам нами нас наш наша наше наши него "
    "нет новые ничего обо однако один она они оно "
    "официальный очень пожаловать подписаться "
    "подписывайся подписывайтесь подпишись после "
    "потому почему привет про просто ролики самые "
    "свой свои себя сегодня спасибо так также "
    "такое там тебя теперь того тоже только тут уже "
    "чего через что чтобы эта эти это этого этом "
    "этот ",
    /* Ukrainian */
    " але більше буде був була були вже відео вони "
    "всі всього до друзі його каналі коли ласкаво "
    "мене мій наші нових підпишись підписуйтесь "
    "просимо саме свої себе також тільки цей цього "
    "це що щоб який яка які ",
    /* Arabic */
    " أكثر ألى الآن الاشتراك التي الجديد الذي "
    "الرسمية القناة الكل الله الى إلى اشترك "
    "اشتركوا اليوم أنا أنت أهلا أو أي أيضا بعد بكم "
    "بين تم جدا جديد جميع حتى حول خلال دون ذلك شكرا "
    "على عليكم عن عند غير فقط فيديو فيديوهات فيه "
    "قبل قناة قناتي كان كل كما لكم لكن لنا ليس مرحبا "
    "مشاهدة مع منذ مقاطع نحن هذا هذه هنا هناك هو هي "
    "وفي ومن ويوتيوب يوتيوب يوم ",
    /* Persian */
    " است این برای بود تا در دوست شما کانال که ما مرا "
    "من می نیز همه های هم و ویدیو ویدئو یا یک کنید "
    "لطفا سلام ",
    /* Urdu */
    " آپ اور اس اپنے ایک اگر بھی تک تمام چینل خوش سے "
    "کا کرنا کریں کو کی کے گا لئے لیے میرے میں نے "
    "والے وہ ویڈیو ویڈیوز پر ہم ہماری ہمارے ہوں ہیں "
    "ہے یہ سبسکرائب ",
    /* Hebrew */
    " אבל אז אחרי איך אין אלה אם אני אנחנו את אתם בכל "
    "ברוכים גם הבאים הוא היא הם הערוץ וידאו זאת זה "
    "זו חדש חדשים יותר ייש כאן כדי כל כמה כמו לא לכל "
    "לכם מאוד מה מי סרטון סרטונים ערוץ על עם רק שלום "
    "שלי שלכם שלנו תודה ",
    /* Hindi */
    " अगर अपना अपनी अपने अब आप आपका "
    "आपके आपको इस इसके इसे उस एक एवं "
    "और कर करना करने करें का कि किया "
    "की कुछ के को कोई क्या चैनल जब "
    "जाता जी जो तक तो था थी थे दिया "
    "द्वारा दोस्तों धन्यवाद नमस्कार "
    "नमस्ते नहीं ने पर बहुत भी में "
    "मेरा मेरी मेरे मैं यदि यह यहां "
    "यहाँ यूट्यूब ये लिए लेकिन वह "
    "वाले वीडियो वो सब सब्सक्राइब "
    "सभी साथ से स्वागत हम हमारा हमारी "
    "हमारे ही हुए हूं हूँ हैं है हो "
    "होता ",
    /* Bengali */
    " আপনার আপনাদের আপনি আমরা আমাদের "
    "আমার আমি আর আছে এই একটি এবং এর কর "
    "করা করুন করে কি কিছু চ্যানেল "
    "চ্যানেলে চ্যানেলটি জন্য থেকে "
    "না নতুন নিয়ে পারেন বা ভিডিও যে "
    "সকল সব সবাইকে সাবস্ক্রাইব সাথে "
    "স্বাগতম হয় হবে ধন্যবাদ ",
    /* Tamil, Telugu, Marathi, Gujarati, Kannada, Malayalam */
    " இந்த உங்கள் எங்கள் என் என்று "
    "எனது ஒரு சேனல் நன்றி நாம் நான் "
    "மற்றும் வணக்கம் வீடியோ వీడియో "
    "మరియు మన మా మీ ఈ ఒక ఛానల్ ఛానెల్ "
    "కోసం ధన్యవాదాలు आणि आपल्या आपण "
    "आहे आहेत मराठी व्हिडिओ અને આ છે "
    "ચેનલ માટે વિડિઓ ಈ ಒಂದು ಚಾನೆಲ್ "
    "ಮತ್ತು ವಿಡಿಯೋ ഈ ഒരു ചാനൽ വീഡിയോ "
    "നന്ദി ",
    /* Thai */
    " กด กดติดตาม กับ การ ก็ ของ ขอ "
    "ขอบคุณ ครับ คน ความ คลิป ค่ะ คือ "
    "จะ จาก ชม ช่อง ช่องนี้ ซึ่ง ต้อง "
    "ติดตาม ที่ ทํา ทุก ทุกคน นะ นี้ "
    "ใน เป็น ไป ผม เพื่อ มา มี มาก "
    "ยินดี ยินดีต้อนรับ เรา และ "
    "วันนี้ วิดีโอ วีดีโอ สวัสดี "
    "สําหรับ หรือ ให้ อยู่ อะไร ได้ "
    "ไม่ แล้ว ",
    /* Greek */
    " αλλά από αυτά αυτό για είμαι είναι ένα ενός "
    "έχει έχω και κανάλι κάθε καλώς κάνω με μας μου "
    "μια να ολα όλα όλοι όπως ότι πολύ πως στα στη "
    "στην στις στο στον στους σας τα της την τις το "
    "τον του τους των που βίντεο ",
    /* Chinese */
    " 一个 一個 一些 一下 为了 为什么 什么 他们 他們 你们 你們 "
    "关于 关注 其他 内容 內容 分享 可以 各位 喜欢 喜歡 因为 因為 "
    "大家 如果 官方 已经 很多 您好 我们 我們 所有 支持 收看 新的 "
    "是否 最新 欢迎 歡迎 每天 没有 沒有 点击 現在 现在 订阅 訂閱 "
    "視頻 视频 影片 觀看 观看 谢谢 謝謝 这个 這個 这些 這些 这里 "
    "這裡 还有 還有 那些 频道 頻道 朋友 希望 ",
    /* Japanese */
    " 皆さん 皆様 動画 今日 今回 毎日 毎週 登録 宜しく 宜敷 投稿 "
    "紹介 配信 公式 是非 本当 自分 私達 私たち 視聴 更新 応援 "
    "時間 方法 概要 概要欄 一緒 場合 全て 何か チャンネル "
    "ユーチューブ ユーチューバー コメント フォロー ビデオ "
    "アップ ",
    /* Korean */
    " 그리고 그래서 감사합니다 구독 구독과 그런 내용 다양한 "
    "당신의 대한 또는 많은 매일 매주 모든 모두 부탁드립니다 "
    "안녕하세요 알림 여러분 여러분의 영상 영상을 우리 유튜브 "
    "유튜버 있는 있습니다 입니다 저는 저희 제가 좋아요 좋은 지금 "
    "채널 채널입니다 채널은 통해 하는 합니다 함께 환영합니다 ",
};

bool keywords_is_stop(const char *word)
{
	size_t n = strlen(word);

	if (!n || *word == ' ')
		return true;
	for (size_t i = 0; i < sizeof keywords_stop_words / sizeof keywords_stop_words[0]; i++)
		for (const char *at = keywords_stop_words[i]; (at = strstr(at, word)) != NULL; at++)
			if (at[-1] == ' ' && at[n] == ' ')
				return true;
	return false;
}
