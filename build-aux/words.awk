# Makes sorted C tables out of engine/language/words.txt: each word and letter with a bit for every
# language that has it. LC_ALL=C awk -f words.awk FILE; works on bytes, whatever the awk.
BEGIN {
	for (i = 1; i < 256; i++)
		byte[sprintf("%c", i)] = i
	languages = 0
	lettered = ""
}

function bit(code) {
	if (!(code in number)) {
		number[code] = languages
		name[languages++] = code
	}
	return number[code]
}

# of: "…,3,17," the languages of a word or letter, each once
function add(of, key, n) {
	if (!(key in of))
		of[key] = ","
	if (!index(of[key], "," n ","))
		of[key] = of[key] n ","
}

function mask(list, part, n, i, text) {
	n = split(list, part, ",")
	text = n < 3 ? "0" : ""
	for (i = 2; i < n; i++)
		text = text (text == "" ? "" : " | ") "UINT64_C(1) << " part[i]
	return text
}

function reversed(text, i, out) {
	out = ""
	for (i = length(text); i > 0; i--)
		out = out substr(text, i, 1)
	return out
}

# a letter of UTF-8 as a number with leading zeros, so that numbers sort as texts
function code_of(bytes, i, c) {
	c = byte[substr(bytes, 1, 1)]
	c = c >= 240 ? c - 240 : c >= 224 ? c - 224 : c - 192
	for (i = 2; i <= length(bytes); i++)
		c = c * 64 + byte[substr(bytes, i, 1)] - 128
	return sprintf("%07d", c)
}

function add_letters(text, n, i, letter) {
	lettered = lettered (lettered == "" ? "" : " | ") "UINT64_C(1) << " n
	letter = ""
	for (i = 1; i <= length(text) + 1; i++) {
		c = i <= length(text) ? byte[substr(text, i, 1)] : 192
		if (c >= 192 || c < 128) {
			if (letter != "")
				add(letter_of, code_of(letter), n)
			letter = ""
		}
		if (c >= 128)
			letter = letter substr(text, i, 1)
	}
}

function sort(list, n, i, k, item) {
	for (i = 2; i <= n; i++) {
		item = list[i]
		for (k = i - 1; k > 0 && list[k] "" > item ""; k--)
			list[k + 1] = list[k]
		list[k + 1] = item
	}
}

# for a C text: bytes written backwards are no UTF-8
function quoted(bytes, i, c, out) {
	out = ""
	for (i = 1; i <= length(bytes); i++) {
		c = byte[substr(bytes, i, 1)]
		out = out (c < 128 ? substr(bytes, i, 1) : sprintf("\\%03o", c))
	}
	return "\"" out "\""
}

# One C table. up: the row that is the longest beginning of this one, -1: there is none.
function table(kind, of, list, n, item, i, up) {
	n = 0
	for (item in of)
		list[++n] = item
	sort(list, n)
	print "static const struct words_" (kind == "letter" ? kind : "word") " words_" kind "_table[] = {"
	for (i = 1; i <= n; i++) {
		if (kind == "letter") {
			printf "\t{%d, %s},\n", list[i], mask(of[list[i]])
			continue
		}
		up[i] = i - 1
		while (up[i] && index(list[i], list[up[i]]) != 1)
			up[i] = up[up[i]]
		printf "\t{%s, %s, %d},\n", quoted(list[i]), mask(of[list[i]]), up[i] - 1
	}
	print "};\n"
	if (kind == "word")
		slots(kind, list, n)
	else if (kind != "letter")
		firsts(kind, list, n)
}

# Where rows begin whose text begins with a byte, and where the last of them end.
function firsts(kind, list, n, i, at) {
	at = 0
	print "static const unsigned short words_" kind "_first[257] = {"
	for (i = 0; i <= 256; i++) {
		while (at < n && byte[substr(list[at + 1], 1, 1)] < i)
			at++
		print "\t" at ","
	}
	print "};\n"
}

# As words.c reckons it; numbers stay below 2^53.
function hash(text, i, h) {
	h = 5381
	for (i = 1; i <= length(text); i++) {
		h = h * 33 + byte[substr(text, i, 1)]
		h -= int(h / 4294967296) * 4294967296
	}
	return h
}

# A hash table of the rows of a table, by number from 1; 0: none. One slot in three is taken.
function slots(kind, list, n, i, size, at, row) {
	for (size = 256; size < 3 * n; size *= 2)
		;
	for (i = 1; i <= n; i++) {
		for (at = hash(list[i]) % size; at in row; at = (at + 1) % size)
			;
		row[at] = i
	}
	print "enum { WORDS_SLOTS = " size " };\n"
	print "static const unsigned short words_" kind "_slots[WORDS_SLOTS] = {"
	for (i = 0; i < size; i++)
		print "\t" row[i] + 0 ","
	print "};\n"
}

/^#/ || NF < 3 { next }
$2 == "letters" { add_letters($3, bit($1)); next }
$2 == "near" || $2 == "rare" {
	for (i = 3; i <= NF; i++) {
		add(near_of, $1, bit($i))
		add(near_of, $i, bit($1))
		if ($2 == "rare")
			add(rare_of, $1, bit($i))
	}
}
$2 == "words" { for (i = 3; i <= NF; i++) { gsub(/_/, " ", $i); add(word_of, $i, bit($1)) } }
$2 == "stems" { for (i = 3; i <= NF; i++) add(stem_of, $i, bit($1)) }
$2 == "ends" { for (i = 3; i <= NF; i++) add(end_of, reversed($i), bit($1)) }

END {
	print "/* Made from words.txt by words.awk; ends are written backwards. clang-format off */"
	print "static const struct words_language words_languages[] = {"
	for (i = 0; i < languages; i++)
		printf "\t{\"%s\", %s, %s},\n", name[i], mask(near_of[name[i]]), mask(rare_of[name[i]])
	print "};\n\nstatic const uint64_t words_lettered = " lettered ";\n"
	table("word", word_of)
	table("stem", stem_of)
	table("end", end_of)
	table("letter", letter_of)
}
