/* edgefn_options.h - options that proxies have on their command line or in a file. What they allocate is never freed, as the configuration is. */
#ifndef EDGEFN_OPTIONS_H_INCLUDED
#define EDGEFN_OPTIONS_H_INCLUDED

#include "edgefn_proxy.h"

/* Sets a whole number. Returns: false if the text is none between least and most. */
static inline bool edgehost_option_number(edgefn_str text, uint64_t least, uint64_t most,
                                          uint64_t *to)
{
    edgefn_number n = edgefn_str_to_u64(text);

    if (!n.ok || n.value < least || n.value > most) return false;
    *to = n.value;
    return true;
}

/* HOST:PORT. Returns: false if the text is not that. host: gets a text with a NUL. */
static inline bool edgehost_option_address(edgefn_str text, edgefn_str *host, uint32_t *port)
{
    edgefn_cut cut = edgefn_str_cut(text, EDGEFN_S(":"));
    uint64_t number = 0;

    if (cut.head.len == 0 || !edgehost_option_number(cut.tail, 1, 65535, &number)) return false;
    host->ptr = strndup(text.ptr, cut.head.len);
    host->len = cut.head.len;
    *port = (uint32_t)number;
    return host->ptr != NULL;
}

/* HOST:PORT[/PATH], an origin without TLS. text: with a NUL, and valid as long as the origin. Returns: false if it is not that. */
static inline bool edgehost_option_origin(edgefn_str text, edgefn_origin *to)
{
    edgefn_str address = edgefn_str_cut(text, EDGEFN_S("/")).head;

    to->kind = EDGEFN_ORIGIN_CUSTOM;
    to->tls = EDGEFN_TLS1_2;
    to->keepalive_s = 5;
    if (to->read_timeout_s == 0) to->read_timeout_s = 30;
    to->path = edgefn_str_skip(text, address.len);
    return edgehost_option_address(address, &to->domain, &to->port);
}

/* FILE.so[,lambda|,functions], the function of an event. directory: where relative names are; NULL: the working directory. Returns: false, and why. */
static inline bool edgehost_option_trigger(edgehost_trigger *t, edgefn_event_type type,
                                           edgefn_str text, const char *directory, char *why,
                                           size_t cap)
{
    bool functions = edgefn_str_ends(text, EDGEFN_S(",functions"));
    bool lambda = edgefn_str_ends(text, EDGEFN_S(",lambda"));
    edgehost_library library = { NULL, NULL, NULL };

    if (functions) text.len -= EDGEFN_S(",functions").len;
    if (lambda) text.len -= EDGEFN_S(",lambda").len;
    const char *before = "";
    if (directory != NULL && !edgefn_str_starts(text, EDGEFN_S("/"))) before = directory;
    size_t room = text.len + 2 + strlen(before);
    char *file = (char *)malloc(room);
    snprintf(why, cap, "this event already has a function");
    if (file != NULL)
        snprintf(file, room, "%s%s%.*s", before, before[0] != '\0' ? "/" : "", EDGEFN_FMT(text));
    if (file == NULL || t->handler != NULL || !edgehost_load(&library, file, why, cap)) {
        free(file);
        return false;
    }
    t->type = type;
    t->dialect = functions ? EDGEFN_DIALECT_FUNCTIONS : EDGEFN_DIALECT_LAMBDA;
    t->handler = library.handler;
    t->name = file;
    return true;
}

#endif /* EDGEFN_OPTIONS_H_INCLUDED */
