#include "config.h"
#include "engine/language/language.h"
#include "engine/language/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct sample {
	const char *code, *title, *text;
} samples[] = {
    {"en", "Cooking with Anna",
        "Every week I show you how to make simple and tasty meals at home."},
    {"de", "Kochen mit Anna",
        "Jede Woche zeige ich euch, wie man einfache Gerichte zu Hause kocht."},
    {"fr", "La cuisine d'Anna",
        "Chaque semaine je vous montre comment préparer des plats simples."},
    {"es", "La cocina de Ana", "Cada semana os enseño cómo preparar platos sencillos en casa."},
    {"pt", "Cozinha da Ana",
        "Toda semana eu mostro como fazer comidas simples e gostosas em casa."},
    {"it", "La cucina di Anna", "Ogni settimana vi mostro come preparare piatti semplici a casa."},
    {"pl", "Kuchnia Anny", "Co tydzień pokazuję, jak przygotować proste i smaczne dania w domu."},
    {"tr", "Anna ile Mutfak",
        "Her hafta evde basit ve lezzetli yemeklerin nasıl yapıldığını gösteriyorum."},
    {"ru", "Готовим с Анной",
        "Каждую неделю я показываю, как готовить простые и вкусные блюда дома."},
    {"uk", "Готуємо з Анною", "Щотижня я показую, як готувати прості та смачні страви вдома."},
    {"ja", "アンナの料理", "毎週、家で簡単に作れるおいしい料理を紹介しています。"},
    {"ko", "안나의 요리", "매주 집에서 쉽게 만들 수 있는 맛있는 요리를 소개합니다."},
    {"zh", "安娜的厨房", "每周我都会教大家在家里做简单又好吃的饭菜，欢迎订阅我的频道。"},
    {"zh-Hant", "安娜的廚房", "每週我都會教大家在家裡做簡單又好吃的飯菜，歡迎訂閱我的頻道。"},
    {"ar", "مطبخ آنا", "كل أسبوع أعرض لكم كيفية تحضير أطباق بسيطة ولذيذة في المنزل."},
    {"he", "המטבח של אנה", "בכל שבוע אני מראה לכם איך להכין מנות פשוטות וטעימות בבית."},
    {"hi", "अन्ना की रसोई", "हर हफ्ते मैं आपको घर पर आसान और स्वादिष्ट खाना बनाना सिखाती हूँ।"},
    {"th", "ครัวของแอนนา", "ทุกสัปดาห์ฉันจะสอนทำอาหารง่ายๆ และอร่อยที่บ้าน"},
    {"vi", "Bếp của Anna", "Mỗi tuần tôi hướng dẫn các bạn nấu những món ăn đơn giản tại nhà."},
    {"id", "Dapur Anna", "Setiap minggu saya menunjukkan cara memasak makanan sederhana di rumah."},
    {"nb", "Annas kjøkken",
        "Hver uke viser jeg dere hvordan man lager enkle og gode retter hjemme hos meg."},
    {"el", "Η κουζίνα της Άννας",
        "Κάθε εβδομάδα σας δείχνω πώς να μαγειρεύετε απλά πιάτα στο σπίτι."},
};

enum { N_SAMPLES = sizeof samples / sizeof samples[0] };

static void test_samples(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SAMPLES; i++) {
		struct language_guess g;
		assert_true(language_guess(NULL, samples[i].title, samples[i].text, &g));
		assert_string_equal(g.code, samples[i].code);
		assert_string_equal(g.source, "cld2");
		assert_in_range(g.confidence, 41, 100);
	}
}

/* About 20 to 40 characters each: where CLD2 alone often says nothing or a neighbour's language. */
static const struct {
	const char *code, *text;
} shorts[] = {{"en", "What we did on our holidays"}, {"de", "Mein neues Fahrrad ist da"},
    {"fr", "Une journée avec mes amis"}, {"es", "La receta de mi abuela"},
    {"es", "Hoy vamos a la playa"}, {"pt", "Um dia na casa da minha avó"},
    {"pt", "Não perca o próximo vídeo"}, {"it", "Una giornata con gli amici"},
    {"ca", "Avui fem el pa amb la meva àvia"}, {"gl", "Unha viaxe coa miña irmá polas illas"},
    {"ro", "O zi la munte cu prietenii și familia"}, {"nl", "Wij bakken een taart voor oma"},
    {"sv", "Vi bakar bröd med mormor och jag"}, {"nb", "Nå lager vi noe godt til deg"},
    {"da", "Nu laver vi noget godt til dig"}, {"fi", "Tänään me leivomme leipää"},
    {"pl", "Jak upiec chleb w domu dla rodziny"}, {"cs", "Dnes pečeme chléb, který můžete jíst"},
    {"sk", "Dnes pečieme chlieb, ktorý môžete jesť"}, {"sl", "Kako lahko spečemo kruh na morju"},
    {"hr", "Gdje smo bili prije tri tjedna"}, {"sr", "Gde smo bili pre tri nedelje"},
    {"sr", "Где смо били пре три недеље"}, {"hu", "Ma kenyeret sütünk, és ez nem nehéz"},
    {"tr", "Bugün evde ekmek yapıyoruz ve çok güzel"}, {"lt", "Šiandien kepame duoną ir pyragą"},
    {"lv", "Šodien mēs cepam maizi un kūku"}, {"id", "Hari ini kami membuat roti karena lapar"},
    {"id", "Jangan lupa untuk menonton video ini"}, {"ms", "Awak boleh buat roti kerana mudah"},
    {"vi", "Hôm nay chúng tôi làm bánh mì"}, {"ru", "Сегодня мы печём хлеб"},
    {"uk", "Сьогодні ми печемо хліб"}, {"bg", "Днес ще печем хляб със сирене"},
    {"el", "Σήμερα φτιάχνουμε ψωμί"}, {"as", "আজি আমি ঘৰত পিঠা কৰিম আৰু খাম"},
    {"bn", "আজ আমরা ঘরে পিঠা তৈরি করব এবং খাব"}, {"hi", "आज हम घर पर रोटी बनाते हैं"},
    {"mr", "आज आपण घरी भाकरी करणार आहोत आणि"}, {"ja", "今日は家でパンを焼きます"},
    {"ko", "오늘은 집에서 빵을 구워요"}, {"zh", "今天我们在家里做面包"}};

static void test_shorts(void **state)
{
	size_t n = sizeof shorts / sizeof shorts[0], right = 0;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct language_guess g;
		assert_true(language_guess(NULL, NULL, shorts[i].text, &g));
		assert_in_range(g.confidence, strcmp(g.code, "und") != 0, 100);
		right += strcmp(g.code, shorts[i].code) == 0;
		if (strcmp(g.code, shorts[i].code) != 0)
			print_message(
			    "%s taken for %s: %s\n", shorts[i].code, g.code, shorts[i].text);
	}
	assert_in_range(right * 100, n * 90, n * 100);
}

static const char *choose(const char *text, const char *guess, int trust)
{
	struct words_scores scores;

	words_read(text, strlen(text), &scores);
	return words_choose(&scores, guess, trust);
}

static const char *sure(const char *text)
{
	struct words_scores scores;

	words_read(text, strlen(text), &scores);
	return words_sure(&scores);
}

/* What needs no other guess, and what does: little evidence, or two languages that share it. */
static void test_words_sure(void **state)
{
	(void)state;
	assert_string_equal(
	    sure("the weather of this week and what you should know about it"), "en");
	assert_string_equal(
	    sure("das ist nicht so schwer wie es am Anfang aussieht, und ich"), "de");
	assert_null(sure(""));
	assert_null(sure("Gaming 2000"));
	assert_null(sure("the of"));
	assert_null(sure("dengan cara"));
	assert_null(sure("the weather of this week, und das ist nicht so schwer wie es"));
}

/* What the second look does, and what it leaves alone. */
static void test_words(void **state)
{
	static const char sr[] = "Treba da vidite gde smo bili pre nedelju dana";

	(void)state;
	assert_string_equal(choose(sr, "hr", WORDS_TRUST_SURE), "sr");
	assert_string_equal(choose(sr, NULL, WORDS_TRUST_NONE), "sr");
	/* Malay without a word of its own is taken for Indonesian, which has ten times the speakers */
	assert_string_equal(choose("dengan cara", "ms", WORDS_TRUST_SURE), "id");
	assert_string_equal(choose("kerana awak", "ms", WORDS_TRUST_SURE), "ms");
	assert_string_equal(choose("kerana awak", "id", WORDS_TRUST_SURE), "ms");
	/* a letter that English does not have */
	assert_string_equal(choose("STRASSE und Straße", "en", WORDS_TRUST_DOUBTED), "de");
	/* languages that the table does not know, and other scripts, keep their guess */
	assert_string_equal(choose("xyz qwv", "mg", WORDS_TRUST_DOUBTED), "mg");
	assert_string_equal(
	    choose("\xE4\xBB\x8A\xE5\xA4\xA9 the of", "zh", WORDS_TRUST_SURE), "zh");
	assert_null(choose("", NULL, WORDS_TRUST_NONE));
	assert_null(choose("Gaming 2000", NULL, WORDS_TRUST_NONE));
	assert_string_equal(choose("", "en", WORDS_TRUST_SURE), "en");
}

static void test_declared(void **state)
{
	static const struct {
		const char *declared, *code;
	} rows[] = {{"en", "en"}, {"EN", "en"}, {"en-us", "en-US"}, {"zh-hant-tw", "zh-Hant-TW"},
	    {"ZH-HANS", "zh-Hans"}, {"iw", "he"}, {"jw", "jv"}, {"no", "nb"}, {"no-NO", "nb-NO"},
	    {"fil", "fil"}, {"es-419", "es-419"}, {"sr-Latn", "sr-Latn"}, {"zxx", "zxx"},
	    {"zh-Hant-TW-abcdefgh", "zh-Hant-TW"}, {"de-1996-AT-abcdefgh", "de-1996-AT"}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct language_guess g;
		assert_true(language_guess(rows[i].declared, NULL, NULL, &g));
		assert_string_equal(g.code, rows[i].code);
		assert_string_equal(g.source, "youtube");
		assert_int_equal(g.confidence, 100);
		/* it wins over the text */
		assert_true(
		    language_guess(rows[i].declared, samples[8].title, samples[8].text, &g));
		assert_string_equal(g.code, rows[i].code);
	}
}

static void test_declared_junk(void **state)
{
	static const char *const rows[] = {"", "-", "e", "english", "en-", "-en", "en--US", "e1",
	    "en_US", "en-x", "en US", "und", "12", "\xC3\xA4\xC3\xA4", "en-abcdefghi",
	    "en-\xFF\xFF"};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct language_guess g;
		assert_true(language_guess(rows[i], samples[8].title, samples[8].text, &g));
		assert_string_equal(g.code, "ru");
		assert_string_equal(g.source, "cld2");
		assert_false(language_guess(rows[i], NULL, "", &g));
	}
}

static void test_nothing_to_say(void **state)
{
	static const char *const rows[] = {"PewDiePie", "123 456", "!!!",
	    "\xF0\x9F\x98\x80\xF0\x9F\x8E\xAE", "https://example.com/deutsch/ist/eine/sprache",
	    "@handle", "#tag #other #drittes", "someone.with.a.long.name@example.com", "x",
	    " \n\t ", "www.example.org/und/noch/etwas"};
	struct language_guess g;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_true(language_guess(NULL, rows[i], NULL, &g));
		assert_string_equal(g.code, "und");
		assert_int_equal(g.confidence, 0);
		assert_string_equal(g.source, "cld2");
		assert_true(language_guess(NULL, NULL, rows[i], &g));
		assert_string_equal(g.code, "und");
	}
	assert_false(language_guess(NULL, NULL, NULL, &g));
	assert_false(language_guess(NULL, "", "", &g));
	assert_string_equal(g.code, "und");
}

/* What is no prose must not outvote the prose. */
static void test_noise(void **state)
{
	static const struct {
		const char *code, *text;
	} rows[] = {
	    {"de",
	        "Neue Videos jede Woche über das Leben auf dem Land.\n"
	        "https://www.example.com/watch/this/and/that/with/many/english/words/in/the/"
	        "address "
	        "https://example.org/another/address/that/is/about/the/weather/and/the/news "
	        "contact.the.english.office@example.com @the_english_handle #the #english #words "
	        "www.example.net/more/english/words/to/read t.me/the/channel/of/the/week"},
	    {"ja",
	        "毎週新しい動画を公開しています。https://example.com/please/subscribe/to/my/channel"
	        "チャンネル登録お願いします！#english #words #everywhere"},
	    {"ru",
	        "Пишите на почту: my.very.long.english.name.and.more@example-of-a-long-host.com и "
	        "подписывайтесь на канал, чтобы не пропустить новые выпуски."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct language_guess g;
		assert_true(language_guess(NULL, NULL, rows[i].text, &g));
		assert_string_equal(g.code, rows[i].code);
		assert_in_range(g.confidence, 90, 100);
	}
}

/* Long, cut anywhere, broken: an answer or "und", never harm. */
static void test_rough_texts(void **state)
{
	struct language_guess g;
	char *text = malloc(100001);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < 100000; i++)
		text[i] = samples[8].text[i % strlen(samples[8].text)];
	text[100000] = '\0';
	assert_true(language_guess(NULL, text, text, &g));
	assert_string_equal(g.code, "ru");
	/* the cut falls on each byte of a character */
	for (size_t shift = 1; shift < 4; shift++) {
		memset(text, ' ', shift);
		for (size_t i = shift; i < 100000; i++)
			text[i] = samples[11].text[(i - shift) % strlen(samples[11].text)];
		assert_true(language_guess(NULL, NULL, text, &g));
		assert_string_equal(g.code, "ko");
	}
	memset(text, '#', 100000);
	assert_true(language_guess(NULL, text, text, &g));
	assert_string_equal(g.code, "und");
	for (size_t i = 0; i < N_SAMPLES; i++)
		for (size_t n = 0; n <= strlen(samples[i].text); n++) {
			char *copy = malloc(n + 1);
			assert_non_null(copy);
			memcpy(copy, samples[i].text, n);
			copy[n] = '\0';
			assert_int_equal(language_guess(NULL, NULL, copy, &g), n > 0);
			assert_true(strlen(g.code) >= 2);
			assert_in_range(g.confidence, 0, 100);
			free(copy);
		}
	free(text);
}

static void *guess_many(void *arg)
{
	size_t *wrong = arg;

	for (size_t i = 0; i < 2000; i++) {
		struct language_guess g;
		const struct sample *s = &samples[i % N_SAMPLES];
		if (!language_guess(NULL, s->title, s->text, &g) || strcmp(g.code, s->code) != 0)
			++*wrong;
	}
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t threads[4];
	size_t wrong[4] = {0};

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, guess_many, &wrong[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(wrong[i], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_samples),
	    cmocka_unit_test(test_shorts), cmocka_unit_test(test_words_sure),
	    cmocka_unit_test(test_words), cmocka_unit_test(test_declared),
	    cmocka_unit_test(test_declared_junk), cmocka_unit_test(test_nothing_to_say),
	    cmocka_unit_test(test_noise), cmocka_unit_test(test_rough_texts),
	    cmocka_unit_test(test_threads)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
