# Steps whose failure is explained: sourced by bin/build after say.sh, never run.
# shellcheck shell=bash

# run_step TITLE CODE CMD...: runs a program with its output shown and remembered; nothing can be typed into it. When it fails, the
# first line of hints.tsv (the buildpack's own, then the shared one) whose pattern is in the output becomes the verdict; with none,
# CODE and $otherwise ({exit} in it: how it ended), or that the lines above say why. TITLE is said before; '' says nothing. CMD is a program, not a function:
# 'set -e' does not hold in it. The output stays in $step_said for whoever wants to look.
#   otherwise="npm could not install the packages: its lines above say why." run_step "packages" npm_failed npm ci
run_step() {
  local title=$1 code=$2 ended=0
  shift 2
  step_said=${step_said:-$(mktemp)}
  [ -z "$title" ] || printf '%s\n' "$title"
  "$@" < /dev/null 2>&1 | tee "$step_said" || ended=${PIPESTATUS[0]}
  [ "$ended" -eq 0 ] || fail_step "$ended" "$code" "${otherwise:-${title:-$1} failed (exit {exit\}): the lines above say why.}"
}

# fail_step EXIT CODE SENTENCE: the hint for what $step_said holds, else CODE and SENTENCE.
fail_step() {
  local found
  # 137: killed by the kernel for its memory, for nobody else kills a step.
  if found=$(hint_for "$step_said"); then
    fail "${found%%$'\t'*}" "${found#*$'\t'}"
  elif [ "$1" -eq 137 ]; then
    fail build_memory "The build used more memory than a build may have, and was ended. Give builds more memory, or let the build script do less at once."
  fi
  fail "$2" "${3//"{exit}"/"$1"}"
}

# hint_for FILE: "code<TAB>sentence" for the first hint whose pattern is in the file; 1 when none is. A line of hints.tsv is
# code<TAB>extended regular expression<TAB>sentence; {1}, {2}, ... in the sentence are the pattern's groups. # begins a comment.
# A buildpack may set hints_of_app to such a file that it has made from what it knows of the app: it comes first.
hint_for() {
  local said=$1 tables=() table code pattern sentence line group
  for table in "${hints_of_app:-}" "$CNB_BUILDPACK_DIR/hints.tsv" "$CNB_BUILDPACK_DIR/lib/hints.tsv"; do
    [ ! -f "$table" ] || tables+=("$table")
  done
  # Colours and progress bars are not what a pattern is about. A carriage return that a tool complains of is written \r.
  sed -i 's/\x1b\[[0-9;?]*[A-Za-z]//g; s/\r$//; s/\r:/\\r:/g; s/\r/\n/g' "$said"
  while IFS=$'\t' read -r code pattern sentence; do
    case $code in '' | '#'*) continue ;; esac
    line=$(grep -a -E -m 1 -e "$pattern" "$said") || continue
    [[ $line =~ $pattern ]] || continue
    for ((group = 1; group < ${#BASH_REMATCH[@]}; group++)); do
      sentence=${sentence//"{$group}"/"${BASH_REMATCH[group]}"}
    done
    printf '%s\t%s' "$code" "$sentence"
    return 0
  done < <(cat "${tables[@]}" < /dev/null)
  return 1
}
