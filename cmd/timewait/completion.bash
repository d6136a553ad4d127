# Completion of timewait's commands and options for bash.

_timewait() {
  # For bash, "--option=value" is three words.
  local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}
  if [[ $word == = ]]; then
    word=
  elif [[ $option == = ]]; then
    option=${COMP_WORDS[COMP_CWORD - 2]}
  fi

  case $option in
    --config.file | --netns)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --watch)
      COMPREPLY=()
      return
      ;;
  esac

  local command='' given
  for given in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    case $given in
      diagnose | top) command=$given ;;
    esac
  done
  local words='--config.file= --help --json --netns='
  case $command in
    diagnose) words+=' --audit' ;;
    '') words+=' --version --watch= diagnose top' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  # What ends with '=' is followed by its value, not by a space.
  if [[ ${COMPREPLY[0]-} == *= ]]; then
    compopt -o nospace
  fi
}

complete -F _timewait timewait
