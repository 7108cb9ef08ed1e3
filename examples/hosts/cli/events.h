/* events.h - shared declarations of `edgefn events`: events.c reads lines and options,
   events_log.c fields of logs, events_har.c a browser's HAR files. */
#ifndef EVENTS_H_INCLUDED
#define EVENTS_H_INCLUDED

#include "sample.h"

/* The data an event can take from a record, under names of its own. */
typedef enum events_field {
    F_IGNORED,
    F_DOMAIN, /* the distribution's name */
    F_HOST,   /* as sent by the viewer */
    F_METHOD,
    F_URI,
    F_URL, /* path and query in one, as in real-time logs */
    F_QUERY,
    F_IP,
    F_REQUEST_ID,
    F_DISTRIBUTION_ID,
    F_PROTOCOL,
    F_COUNTRY,
    F_STATUS,
    F_USER_AGENT,
    F_REFERER,
    F_COOKIE,
    F_ACCEPT,
    F_ACCEPT_ENCODING,
    F_FORWARDED_FOR,
    F_HEADERS, /* one "Name:value" per line */
    F_CONTENT_TYPE,
    F_CONTENT_LENGTH,
    F_COUNT
} events_field;

enum { EVENTS_COLUMNS = 256 };

typedef enum events_format { FROM_AUTO, FROM_STANDARD, FROM_REAL_TIME, FROM_HAR } events_format;

/* The state of one run. */
typedef struct events {
    events_format from;
    const char *fields; /* --fields, or NULL */
    const char *file;   /* being read, for messages */
    unsigned long line;
    sample event; /* being built */
    bool include_body;
    bool skipped; /* part of the input could not be read: exit code 1 */
    bool told_left_out, told_truncated, told_replaced;
    events_field columns[EVENTS_COLUMNS];
    size_t column_count;
    edgefn_str values[F_COUNT]; /* of the record; may be absent */
    char *text;                 /* decoded values */
    size_t text_len, text_cap;
    edgefn_event decoder; /* passed to the library's decoding functions; reset for each record */
    char *decoded;        /* its memory */
    size_t decoded_cap;
    cli_bytes out, cookie;
    cli_memory memory;
} events;

/* Prints "FILE:LINE: error: WHAT: 'about'" (about may be NULL) and notes that something was skipped.
   Returns: false. */
bool events_error(events *e, const char *what, const char *about);

/* Prints "FILE: note: WHAT", once. */
void events_note(events *e, bool *told, const char *what);

/* The most times a User-Agent is decoded: without a limit a line of "%252525..." takes quadratic time. */
enum { EVENTS_ROUNDS = 8 };

/* Empties the record, and makes room for `len` bytes of undecoded values. */
bool events_record_begin(events *e, size_t len);

/* Empties the event being built. */
void events_reset(events *e);

/* Keeps a copy of a value, in which U+FFFD replaces invalid UTF-8. */
edgefn_str events_keep(events *e, edgefn_str value);

/* Builds an event from the record's values and prints it. Returns: false after a message. */
bool events_print(events *e);

/* Checks and prints the event that was built. Returns: false after a message. */
bool events_write(events *e);

/*--- events_log.c -----------------------------------------------------------------------------------------------------*/

/* Reads field names, separated by spaces, tabs or commas. Returns: false after a message. */
bool events_columns(events *e, edgefn_str names);

/* Sets the fields of a log without a line of names: in the order of AWS's documentation. */
void events_columns_default(events *e);

/* Reads one line and prints its event. Returns: false after a message. */
bool events_tab_line(events *e, edgefn_str line);
bool events_json_line(events *e, edgefn_str line);

/*--- events_har.c -----------------------------------------------------------------------------------------------------*/

/* Prints an event for each entry of a HAR file. Returns: false after a message. */
bool events_har(events *e, edgefn_str text);

/*--- for both -----------------------------------------------------------------------------------------------------------*/

/* Returns: the text of a JSON string or number; absent for other values. */
edgefn_str events_json_text(events *e, edgefn_str value);

#endif /* EVENTS_H_INCLUDED */
