/* function.c - edgefn run index.mjs: functions in JavaScript and Python. Their runner, whose files are part of this program, is started in a
   directory of its own, and gets events through a socket: see examples/hosts/runtime/run.mjs. */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"
#include "../edgefn_runtime.h"
#include "../edgefn_why.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Returns: the runner's file name; NULL for another handler. */
static const char *runner_of(const char *file)
{
    static const char *const script[] = { ".mjs", ".cjs", ".js" };
    edgefn_str name = edgefn_cstr(file);

    if (edgefn_str_ends(name, EDGEFN_S(".py"))) return "run.py";
    for (size_t i = 0; i < sizeof script / sizeof script[0]; i++)
        if (edgefn_str_ends(name, edgefn_cstr(script[i]))) return "run.mjs";
    return NULL;
}

bool cli_is_function(const char *file)
{
    return runner_of(file) != NULL;
}

/*--- the runner -------------------------------------------------------------------------------------------------------*/

static void path_in(const cli_function *f, const char *name, char path[100])
{
    snprintf(path, 100, "%.60s/%.30s", f->directory, name);
}

static bool write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fputs(text, file) >= 0;

    if (file != NULL && fclose(file) != 0) good = false;
    return good;
}

/* Makes the directory with the runner's files. */
static bool write_files(cli_function *f)
{
    char path[100];

    snprintf(f->directory, sizeof f->directory, "/tmp/edgefn.XXXXXX");
    if (mkdtemp(f->directory) == NULL) {
        f->directory[0] = '\0';
        return false;
    }
    for (const cli_file *one = cli_runtime; one->name != NULL; one++) {
        path_in(f, one->name, path);
        if (!write_file(path, one->text)) return false;
    }
    return true;
}

static void remove_files(cli_function *f)
{
    char path[100];

    if (f->directory[0] == '\0') return;
    for (const cli_file *one = cli_runtime; one->name != NULL; one++) {
        path_in(f, one->name, path);
        unlink(path);
    }
    path_in(f, "socket", path);
    unlink(path);
    rmdir(f->directory);
}

/* The runner's tables, as lines in an environment variable. */
static bool set_tables(const cli_env *env)
{
    cli_bytes lines = { 0 };

    for (size_t i = 0; i < env->tables.count; i++) {
        const edgefn_str parts[] = { env->items[i].table, EDGEFN_S(" "), env->items[i].key,
                                     EDGEFN_S(" "), env->items[i].value };
        for (size_t k = 0; k < 5; k++)
            cli_add(&lines, parts[k].ptr, parts[k].len);
        cli_add_z(&lines, "\n");
    }
    cli_add(&lines, "", 1);
    bool good = !lines.failed && setenv("TABLES", lines.ptr, 1) == 0;
    cli_free(&lines);
    return good;
}

/* In the child. lifeline: the runner ends when the other end of this pipe is closed. */
static void become_runner(const cli_function *f, int lifeline)
{
    const char *runner = runner_of(f->file);
    const char *program = strcmp(runner, "run.py") == 0 ? "python3" : "node";
    char script[100], path[100];

    path_in(f, runner, script);
    path_in(f, "socket", path);
    dup2(lifeline, STDIN_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO); /* standard output is for results */
    execlp(program, program, script, f->file, path, (char *)NULL);
    fprintf(stderr, "edgefn: %s: %s: functions in %s need it\n", program, strerror(errno),
            strcmp(program, "node") == 0 ? "JavaScript" : "Python");
    _exit(127);
}

static int connect_to(const cli_function *f)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    path_in(f, "socket", address.sun_path);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    if (fd >= 0) close(fd);
    return -1;
}

static bool wait_for_runner(cli_function *f)
{
    const struct timespec pause = { 0, 10 * 1000 * 1000 };
    int fd = -1;

    for (int i = 0; i < 3000 && fd < 0; i++) {
        nanosleep(&pause, NULL);
        fd = connect_to(f);
        if (waitpid(f->process, NULL, WNOHANG) == f->process) {
            f->process = 0;
            return false;
        }
    }
    if (fd >= 0) close(fd);
    return fd >= 0;
}

bool cli_function_start(cli_function *f, const char *file, const cli_env *env)
{
    int ends[2] = { -1, -1 };

    f->file = file;
    if (access(file, R_OK) != 0 || !write_files(f) || !set_tables(env) || pipe(ends) != 0) {
        fprintf(stderr, "edgefn: %s: %s\n", file, strerror(errno));
        return false;
    }
    f->process = fork();
    if (f->process == 0) {
        close(ends[1]);
        become_runner(f, ends[0]);
    }
    close(ends[0]);
    f->lifeline = ends[1];
    if (f->process < 0) perror("edgefn: fork");
    return f->process > 0 && wait_for_runner(f);
}

void cli_function_stop(cli_function *f)
{
    if (f->process > 0) {
        kill(f->process, SIGTERM);
        while (waitpid(f->process, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (f->lifeline > 0) close(f->lifeline);
    remove_files(f);
}

/*--- an event ---------------------------------------------------------------------------------------------------------*/

static bool send_all(int fd, edgefn_str bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes = edgefn_str_skip(bytes, (size_t)sent);
    }
    return true;
}

static bool receive_all(int fd, cli_bytes *to)
{
    char chunk[65536];

    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return got == 0 && !to->failed;
        cli_add(to, chunk, (size_t)got);
    }
}

/* Sends an event, and reads the whole answer. Returns: false if there is none. */
static bool ask(const cli_function *f, const edgefn_event *ev, edgefn_str json, cli_bytes *bytes,
                edgehost_runtime_answer *answer)
{
    char head[48];
    size_t len =
        edgehost_runtime_head(head, edgehost_runtime_limit(ev->dialect, ev->type), json.len);
    int fd = connect_to(f);

    if (fd < 0) return false;
    bool good =
        send_all(fd, (edgefn_str){ head, len }) && send_all(fd, json) && receive_all(fd, bytes);
    close(fd);
    if (!good || !edgehost_runtime_begins(cli_str(bytes), answer, &len) || len == 0) return false;
    if (bytes->len - len != answer->text.len + answer->logs.len + answer->origin.len) return false;
    answer->text.ptr = bytes->ptr + len;
    answer->logs.ptr = answer->text.ptr + answer->text.len;
    return true;
}

/* What the function printed, in lines that begin with its name. */
static void print_logs(const cli_function *f, edgefn_str logs)
{
    const char *slash = strrchr(f->file, '/');

    for (edgefn_cut line = edgefn_str_cut(logs, EDGEFN_S("\n")); line.found;
         line = edgefn_str_cut(line.tail, EDGEFN_S("\n"))) {
        fprintf(stderr, "%s: ", slash != NULL ? slash + 1 : f->file);
        cli_put_to(stderr, line.head);
        fputc('\n', stderr);
    }
}

int cli_function_call(const cli_function *f, const char *name, edgefn_str json, cli_memory *memory,
                      cli_bytes *bytes, edgehost_runtime_answer *answer)
{
    char why[2048];
    edgefn_event ev;
    edgefn_parse_opts reading = cli_reading;
    bool good =
        edgefn_parse(&ev, json, edgefn_arena_make(memory->ptr, memory->cap), &reading) == EDGEFN_OK;

    if (!good) {
        cli_complain(name, (edgefn_str){ why, edgehost_why(&ev, why, sizeof why) });
        return CLI_REFUSED;
    }
    if (ev.type_inferred) cli_say_type(name, ev.type);
    if (!ask(f, &ev, json, bytes, answer)) {
        fprintf(stderr, "%s: error: %s: no answer\n", name, f->file);
        return CLI_FAILED;
    }
    print_logs(f, answer->logs);
    if (answer->kind == EDGEHOST_RUNTIME_OK && !edgehost_runtime_refused(&ev, answer->text))
        return CLI_OK;
    if (answer->kind == EDGEHOST_RUNTIME_OK) {
        edgefn_fail(&ev, EDGEFN_E_CHECK, EDGEFN_ABSENT);
        cli_complain(name,
                     (edgefn_str){ why, edgehost_why_result(&ev, answer->text, why, sizeof why) });
    } else {
        fprintf(stderr, "%s: error: %s failed: ", name, f->file);
        cli_put_to(stderr, edgefn_str_cut(answer->text, EDGEFN_S("\n")).head);
        fputc('\n', stderr);
        cli_complain(name, edgefn_str_cut(answer->text, EDGEFN_S("\n")).tail);
    }
    answer->text = edgefn_failed_result(&ev);
    return CLI_FAILED;
}
