/* The scripts that make a shell ask `tubeops completions words`. */
#include "config.h"
#include "tui/cli.h"

#include <stdio.h>
#include <string.h>

struct shell {
	const char *name;
	const char *script;
};

static const struct shell shells[] = {
    {"bash",
        "# bash completion of tubeops; for this shell alone: . <(tubeops completions bash)\n"
        "_tubeops() {\n"
        "\tlocal word help cur=${COMP_WORDS[COMP_CWORD]}\n"
        "\tCOMPREPLY=()\n"
        "\twhile IFS=$'\\t' read -r word help; do\n"
        "\t\tif [[ $word == files ]]; then\n"
        "\t\t\tcompopt -o default\n"
        "\t\telif [[ $word == \"$cur\"* ]]; then\n"
        "\t\t\tCOMPREPLY+=(\"$word\")\n"
        "\t\tfi\n"
        "\tdone < <(\"${COMP_WORDS[0]}\" completions words -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" "
        "2>/dev/null)\n"
        "}\n"
        "complete -F _tubeops tubeops\n"},
    {"zsh",
        "#compdef tubeops\n"
        "# zsh completion of tubeops; put it into a folder of $fpath as _tubeops\n"
        "_tubeops() {\n"
        "\tlocal line files=\n"
        "\tlocal -a found\n"
        "\tfor line in ${(f)\"$(\"${words[1]}\" completions words -- \"${(@)words[2,CURRENT]}\" "
        "2>/dev/null)\"}; do\n"
        "\t\tif [[ $line == files ]]; then\n"
        "\t\t\tfiles=1\n"
        "\t\telse\n"
        "\t\t\tfound+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\")\n"
        "\t\tfi\n"
        "\tdone\n"
        "\t(( $#found )) && _describe tubeops found\n"
        "\t[[ -n $files ]] && _files\n"
        "\treturn 0\n"
        "}\n"
        "if [[ $funcstack[1] == _tubeops ]]; then\n"
        "\t_tubeops \"$@\"\n"
        "else\n"
        "\tcompdef _tubeops tubeops\n"
        "fi\n"},
    {"fish",
        "# fish completion of tubeops; for this shell alone: tubeops completions fish | source\n"
        "function __tubeops_words\n"
        "\tset -l before (commandline -opc)\n"
        "\tset -l now (commandline -ct)\n"
        "\tfor line in ($before[1] completions words -- $before[2..-1] \"$now\" 2>/dev/null)\n"
        "\t\tif test \"$line\" = files\n"
        "\t\t\t__fish_complete_path \"$now\"\n"
        "\t\telse\n"
        "\t\t\techo $line\n"
        "\t\tend\n"
        "\tend\n"
        "end\n"
        "complete -c tubeops -f -a '(__tubeops_words)'\n"},
};

bool cli_print_completions(const char *shell)
{
	for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
		if (strcmp(shells[i].name, shell) == 0) {
			fputs(shells[i].script, stdout);
			return true;
		}
	return false;
}
