# Makes a C string out of a text file: awk -v name=NAME -f embed.awk FILE
BEGIN { printf "static const char %s[] =\n", name }
{ gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); printf "    \"%s\\n\"\n", $0 }
END { print "    ;" }
