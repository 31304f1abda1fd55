# Becomes the program, after leaving a watcher behind that ends it when whoever started us is gone.
#
# Standard input is a pipe whose other end only the starter holds: it closes when the starter dies, however it dies.
# The watcher is orphaned on purpose, so that the program never sees it as a child of its own.
#
#   sh -c guard.sh guard SIGNAL FOLDER PROGRAM ARGUMENT...
#
# SIGNAL ends the program; FOLDER, when not empty, is removed once the program has ended. The word "done" on the pipe
# means that the starter has already ended the program and only the folder is left.
signal=$1
folder=$2
shift 2
exec 3<&0 </dev/null
(
    (
        trap '' INT TERM HUP QUIT
        exec >/dev/null 2>&1
        if ! read -r word <&3 || [ "$word" != done ]; then
            kill -s "$signal" $$
            tries=0
            while kill -0 $$ && [ $tries -lt 50 ]; do
                sleep 0.1
                tries=$((tries + 1))
            done
            kill -s KILL $$
        fi
        if [ -n "$folder" ]; then rm -rf "$folder"; fi
    ) &
)
exec 3<&-
exec "$@"
