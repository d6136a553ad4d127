# Completion of timewait_exporter's options for bash.

_timewait_exporter() {
  # For bash, "--option=value" is three words.
  local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}
  if [[ $word == = ]]; then
    word=
  elif [[ $option == = ]]; then
    option=${COMP_WORDS[COMP_CWORD - 2]}
  fi

  local words=
  case $option in
    --config.file | --web.config.file)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --log.level) words='debug info warn error' ;;
    --log.format) words='logfmt json' ;;
    --web.listen-address | --web.telemetry-path) ;;
    *)
      words='--config.check --config.file= --healthcheck --help --log.format= --log.level= --once --version
        --web.config.file= --web.enable-lifecycle --web.listen-address= --web.systemd-socket --web.telemetry-path='
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  # What ends with '=' is followed by its value, not by a space.
  if [[ ${COMPREPLY[0]-} == *= ]]; then
    compopt -o nospace
  fi
}

complete -F _timewait_exporter timewait_exporter
