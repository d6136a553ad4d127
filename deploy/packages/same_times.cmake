# Before CPack packs: every file and folder gets the time of the commit, so that the same packages come out whenever and
# wherever they are made.
execute_process(COMMAND find ${CPACK_TEMPORARY_DIRECTORY} -exec touch --no-dereference --date=@$ENV{SOURCE_DATE_EPOCH} {} +
                COMMAND_ERROR_IS_FATAL ANY)
