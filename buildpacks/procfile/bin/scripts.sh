# Scripts that a Procfile starts: sourced by bin/build after lib/say.sh, never run.
# shellcheck shell=bash

# started_scripts: the files of the repository that its lines give to a shell, or start themselves and that have a "#!" line.
started_scripts() {
  local word before=''
  sed -n 's/^[A-Za-z0-9_-]*[[:space:]]*:[[:space:]]*/; /p' Procfile | tr -d '\r' | sed 's/[;&|()]\{1,\}/ ; /g' | tr -s ' \t' '\n' | while IFS= read -r word; do
    word=${word#[\"\']}
    word=${word%[\"\']}
    case $word in
      '' | -*) continue ;;
      ';') before='' && continue ;;
      /* | *..*) ;;
      *)
        if [ -f "$word" ]; then
          case ${before##*/} in
            sh | bash | dash | source | .) printf '%s\n' "$word" ;;
            # The first word of a command, or after one that starts another.
            '' | exec | env | nohup | time | *=*) ! head -c 2 "$word" | grep -q '^#!' || printf '%s\n' "$word" ;;
          esac
        fi
        ;;
    esac
    before=$word
  done | LC_ALL=C sort -u
}

# mend_scripts: with Windows line endings no line of a shell script means what it says, and no program is found for "#!".
mend_scripts() {
  local file
  started_scripts | while IFS= read -r file; do
    if grep -q $'\r$' "$file"; then
      sed -i 's/\r$//' "$file"
      warn "$file has Windows line endings, which Linux does not understand; they are mended in the image. Write it anew with LF ('* text=auto eol=lf' in .gitattributes, then git add --renormalize .), and commit."
    fi
  done
}
