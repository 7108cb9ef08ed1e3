/* Conformance to JSON: the productions of RFC 8259 and the ways to break each of them, inside an
   unknown member of an event, where only the JSON parser looks at them. The caret points at the
   byte of the error. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

enum {
    OK,
    SYNTAX = EDGEFN_E_JSON_SYNTAX,
    STRING = EDGEFN_E_JSON_STRING,
    NUMBER = EDGEFN_E_JSON_NUMBER,
    UTF8 = EDGEFN_E_JSON_UTF8,
    END = EDGEFN_E_JSON_EOF,
    DEPTH = EDGEFN_E_JSON_DEPTH,
    TRAILING = EDGEFN_E_JSON_TRAILING
};

/* Places for a value that the library does not know. */
static const char *const frames[] = {
    "{'x':@,'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}}]}",
    "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}}],'x':@}",
    "{'Records':[{'cf':{'config':{'eventType':'viewer-request','x':@},'request':{'method':'GET','uri':'/'}}}]}",
    "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'x':@,'method':'GET','uri':'/'}}},{}]}",
    "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/',"
    "'headers':{'a':[{'key':'A','value':'1','x':@},{'value':'2'}]}}}}]}",
    "{'Records':[{'cf':{'config':{'eventType':'origin-request'},'request':{'method':'GET','uri':'/',"
    "'origin':{'custom':{'domainName':'a.example','x':@,'port':80}}}}}]}",
    "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}},@,{}]}",
    "{'version':'1.0','x':@,'context':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}",
    "{'version':'1.0','context':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/',"
    "'querystring':{'q':{'value':'1','x':@}},'cookies':{'c':{'value':''}}}}",
    "{'version':'1.0','context':{'eventType':'viewer-response'},'request':{'method':'GET','uri':'/','x':@},'response':{'statusCode':200}}",
};

typedef struct json_row {
    const char *part, *caret;
    int code;
} json_row;

static edgefn_error parse_at_guard(edgefn_event *ev, edgefn_str json, bool end)
{
    static unsigned char mem[64 * 1024];
    edgefn_str copy = end ? guard_copy(json.ptr, json.len) : guard_copy_front(json.ptr, json.len);
    memset(mem, 0xA5, sizeof mem);
    return edgefn_parse(ev, copy, edgefn_arena_make(mem, sizeof mem), NULL);
}

static bool verdict_in(const char *text, const char *part, size_t len, size_t caret, int code)
{
    size_t at;
    edgefn_event ev;
    edgefn_str json = frame_bytes(text, part, len, code == END, &at);
    bool held = true;
    for (int end = 0; end < 2; end++) {
        edgefn_error got = parse_at_guard(&ev, json, end != 0);
        held &= CHECK_NUM(got, ev.err.code);
        if (code == OK) {
            held &= CHECK_NUM(got, EDGEFN_OK);
            if (got == EDGEFN_OK)
                held &= UNTOUCHED(&ev) && CHECK(edgefn_passthrough(&ev).len >= 18);
        } else {
            held &= CHECK_ERR(&ev, (edgefn_error)code, at + caret)
                    && CHECK(edgefn_finish(&ev, NULL).ptr == NULL);
        }
    }
    if (!held) test_show("text   ", json);
    return held;
}

/* Tests a row in every frame, and alone, as JSON that is not an event. */
static void verdict(const char *part, size_t len, size_t caret, int code)
{
    for (size_t k = 0; k < COUNT(frames); k++)
        if (!verdict_in(frames[k], part, len, caret, code)) return;
    edgefn_event ev;
    size_t at;
    edgefn_str json = frame_bytes("[0,@,0]", part, len, code == END, &at);
    parse_at_guard(&ev, json, true);
    if (!(code == OK ? CHECK_ERR(&ev, EDGEFN_E_NOT_AN_EVENT, 0)
                     : CHECK_ERR(&ev, (edgefn_error)code, at + caret)))
        test_show("text   ", json);
}

static void verdicts(const json_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ROW("%s", rows[i].part);
        size_t caret = rows[i].code == OK ? 0 : strlen(rows[i].caret) - 1;
        if (rows[i].code != OK && !CHECK(rows[i].caret[caret] == '^')) continue;
        if (rows[i].code == END && !CHECK_NUM(caret, strlen(rows[i].part))) continue;
        verdict(rows[i].part, strlen(rows[i].part), caret, rows[i].code);
    }
}

TEST(valid)
{
    static const char *const rows[] = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1",
        "-1",
        "9",
        "10",
        "1234567890",
        "123456789012345678901234567890123456789012345678901234567890",
        "0.0",
        "-0.0",
        "1.5",
        "10.25",
        "0.000000000000000000000000000000000000000001",
        "1e1",
        "1E1",
        "1e+1",
        "1e-1",
        "0e0",
        "0E+00",
        "1e999999",
        "-1.5e+300",
        "1.0E-10",
        "-0e-0",
        "''",
        "'a'",
        "'a b'",
        "'`''",
        "'``'",
        "'`/'",
        "'/'",
        "'`b`f`n`r`t'",
        "'`u0000'",
        "'`u0041'",
        "'`uABCD'",
        "'`uabcd'",
        "'`uAbC9'",
        "'`ud7ff`ue000'",
        "'`ufffe`uffff'",
        "'`ud83d`ude00'",
        "'`uD83D`uDE00'",
        "'`ud800`udc00'",
        "'`udbff`udfff'",
        "'``u0000'",
        "'``ud800'",
        "'a`ud83d`ude00z'",
        "'`ud83d`ude00`ud83d`ude00'",
        "'\x7f'",
        "'\xC2\x80'",
        "'\xDF\xBF'",
        "'\xE0\xA0\x80'",
        "'\xED\x9F\xBF'",
        "'\xEE\x80\x80'",
        "'\xEF\xBF\xBF'",
        "'\xEF\xBB\xBF'",
        "'\xF0\x90\x80\x80'",
        "'\xF4\x8F\xBF\xBF'",
        "'\xE2\x80\xA8\xE2\x80\xA9'",
        "'[{,:}]'",
        "' `' '",
        "'// no comment'",
        "'````'",
        "'`````''",
        "'``````'",
        "[]",
        "[ ]",
        "[\n]",
        "[1]",
        "[1,2]",
        "[ 1 , 2 ]",
        "[[]]",
        "[[],[]]",
        "[[[[[]]]]]",
        "[{}]",
        "['']",
        "['a','b']",
        "[null,true,false,0,'',[],{}]",
        "{}",
        "{ }",
        "{'':0}",
        "{'a':1}",
        "{'a':1,'b':2}",
        "{ 'a' : 1 , 'b' : 2 }",
        "{'a':{'b':{'c':{}}}}",
        "{'a':[{'b':[]}]}",
        "{'`u0061':1}",
        "{'a':1,'a':2}",
        "{'':0,'':0}",
        "{'\xC3\xA4':'\xC3\xA4'}",
        " \t\n\r1\r\n\t ",
        "\n\n\n[\r\n\t1\r\n\t,\r\n\t2\r\n\t]\n",
        "{\t'a'\n:\r1 }",
        "  {  }  ",
        "{'Records':[]}",
        "{'cf':1,'config':null,'eventType':7}",
        "{'headers':{'a':[{'value':null}]}}",
        "{'Records':1,'Records':2}",
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i]);
        verdict(rows[i], strlen(rows[i]), 0, OK);
    }
}

TEST(invalid_literal)
{
    static const json_row rows[] = {
        { "nul", "^", SYNTAX },         { "nulL", "^", SYNTAX },
        { "nill", "^", SYNTAX },        { "NULL", "^", SYNTAX },
        { "tru", "^", SYNTAX },         { "True", "^", SYNTAX },
        { "trua", "^", SYNTAX },        { "t", "^", SYNTAX },
        { "fals", "^", SYNTAX },        { "falsy", "^", SYNTAX },
        { "FALSE", "^", SYNTAX },       { "f", "^", SYNTAX },
        { "n", "^", SYNTAX },           { "nan", "^", SYNTAX },
        { "NaN", "^", SYNTAX },         { "Infinity", "^", SYNTAX },
        { "undefined", "^", SYNTAX },   { "yes", "^", SYNTAX },
        { "a", "^", SYNTAX },           { "_", "^", SYNTAX },
        { "tr ue", "^", SYNTAX },       { "n'ull'", "^", SYNTAX },
        { "t[", "^", SYNTAX },          { "f`u0061lse", "^", SYNTAX },
        { "[1,tru]", "   ^", SYNTAX },  { "{'a':nul}", "     ^", SYNTAX },
        { "  fase", "  ^", SYNTAX },    { "null null", "     ^", SYNTAX },
        { "true 1", "     ^", SYNTAX }, { "false'a'", "     ^", SYNTAX },
        { "null{}", "    ^", SYNTAX },
    };
    verdicts(rows, COUNT(rows));
}

TEST(invalid_number)
{
    static const json_row rows[] = {
        { "-", "^", NUMBER },          { "--1", "^", NUMBER },
        { "-a", "^", NUMBER },         { "- 1", "^", NUMBER },
        { "-.5", "^", NUMBER },        { "1.", "^", NUMBER },
        { "1.e1", "^", NUMBER },       { "1.a", "^", NUMBER },
        { "1e", "^", NUMBER },         { "1e+", "^", NUMBER },
        { "1e-", "^", NUMBER },        { "1E", "^", NUMBER },
        { "1ea", "^", NUMBER },        { "1e+-1", "^", NUMBER },
        { "1.5e", "^", NUMBER },       { "-1.", "^", NUMBER },
        { "-Infinity", "^", NUMBER },  { "-'1'", "^", NUMBER },
        { "0.", "^", NUMBER },         { "0e", "^", NUMBER },
        { "01", "^", NUMBER },         { "00", "^", NUMBER },
        { "-01", "^", NUMBER },        { "-00", "^", NUMBER },
        { "012.5", "^", NUMBER },      { "[0,1.]", "   ^", NUMBER },
        { "[0,-]", "   ^", NUMBER },   { "{'a':1e}", "     ^", NUMBER },
        { " 1. ", " ^", NUMBER },      { "+1", "^", SYNTAX },
        { ".5", "^", SYNTAX },         { ".", "^", SYNTAX },
        { "1 2", "  ^", SYNTAX },      { "1'a'", " ^", SYNTAX },
        { "1[]", " ^", SYNTAX },       { "[1 2]", "   ^", SYNTAX },
        { "1e1 .5", "    ^", SYNTAX }, { "\xEF\xBC\x91", "^", SYNTAX },
    };
    verdicts(rows, COUNT(rows));
}

TEST(invalid_string)
{
    static const json_row rows[] = {
        { "'`a'", " ^", STRING },
        { "'`x41'", " ^", STRING },
        { "'`U0041'", " ^", STRING },
        { "'`0'", " ^", STRING },
        { "'` '", " ^", STRING },
        { "'`N'", " ^", STRING },
        { "'``` '", "   ^", STRING },
        { "'ab`vcd'", "   ^", STRING },
        { "'`u'", " ^", STRING },
        { "'`u0'", " ^", STRING },
        { "'`u00'", " ^", STRING },
        { "'`u004'", " ^", STRING },
        { "'`u004g'", " ^", STRING },
        { "'`ug041'", " ^", STRING },
        { "'`u 041'", " ^", STRING },
        { "'`u+041'", " ^", STRING },
        { "'`u-001'", " ^", STRING },
        { "'`u00`n4'", " ^", STRING },
        { "'a`u004 b'", "  ^", STRING },
        { "'`ud800'", " ^", STRING },
        { "'`uD800'", " ^", STRING },
        { "'`udbff'", " ^", STRING },
        { "'`udc00'", " ^", STRING },
        { "'`udfff'", " ^", STRING },
        { "'`ud800a'", " ^", STRING },
        { "'`ud800`n'", " ^", STRING },
        { "'`ud800`u0041'", " ^", STRING },
        { "'`ud800`ud800'", " ^", STRING },
        { "'`ud800`ue000'", " ^", STRING },
        { "'`udc00`ud800'", " ^", STRING },
        { "'`ud800 `udc00'", " ^", STRING },
        { "'`ud83d`ude00`ude00'", "             ^", STRING },
        { "'`u0041`ud800'", "       ^", STRING },
        { "'ok`ud800'", "   ^", STRING },
        { "{'`x':1}", "  ^", STRING },
        { "{'a':'`x'}", "      ^", STRING },
        { "['a','`ud800']", "      ^", STRING },
        { "'a\nb'", "  ^", STRING },
        { "'a\tb'", "  ^", STRING },
        { "'\r'", " ^", STRING },
        { "'\x1f'", " ^", STRING },
        { "'\x01'", " ^", STRING },
        { "'`\n'", " ^", STRING },
        { "{'a\n':1}", "   ^", STRING },
    };
    verdicts(rows, COUNT(rows));
    ROW("NUL");
    verdict("'a\0b'", 5, 2, STRING);
    ROW("NUL outside");
    verdict("\0", 1, 0, SYNTAX);
}

TEST(invalid_utf8)
{
    static const struct {
        const char *part;
        size_t pos;
    } rows[] = {
        { "'\x80'", 1 },
        { "'\xBF'", 1 },
        { "'a\x80'", 2 },
        { "'\xC0\x80'", 1 },
        { "'\xC1\xBF'", 1 },
        { "'\xC2'", 1 },
        { "'\xC2 '", 1 },
        { "'\xC2\xC2\x80'", 1 },
        { "'\xDF'", 1 },
        { "'\xE0\x80\x80'", 1 },
        { "'\xE0\x9F\xBF'", 1 },
        { "'\xE1\x80'", 1 },
        { "'\xE1\x80 '", 1 },
        { "'\xE1\xC2\x80'", 1 },
        { "'\xED\xA0\x80'", 1 },
        { "'\xED\xBF\xBF'", 1 },
        { "'\xEF\xBF'", 1 },
        { "'\xF0\x80\x80\x80'", 1 },
        { "'\xF0\x8F\xBF\xBF'", 1 },
        { "'\xF1\x80\x80'", 1 },
        { "'\xF1\x80'", 1 },
        { "'\xF1'", 1 },
        { "'\xF4\x90\x80\x80'", 1 },
        { "'\xF5\x80\x80\x80'", 1 },
        { "'\xF8\x88\x80\x80\x80'", 1 },
        { "'\xFE'", 1 },
        { "'\xFF'", 1 },
        { "'\xC3\xA4\xC3'", 3 },
        { "'\xC3\xA4\xA4'", 3 },
        { "'\xF0\x9F\x98\x80\x80'", 5 },
        { "'\xE2\x82\xAC\xE2\x82'", 4 },
        { "{'\xC3':1}", 2 },
        { "{'a':'\xFF'}", 6 },
        { "'`n\xFF'", 3 },
        { "'\xC3`n'", 1 },
        { "'\xF0\x9F\x98`u0041'", 1 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("row %zu", i);
        verdict(rows[i].part, strlen(rows[i].part), rows[i].pos, UTF8);
    }
    static const struct {
        const char *part;
        size_t pos;
    } outside[] = {
        { "\xC3\xA4", 0 },
        { "\xEF\xBB\xBF"
          "1",
          0 },
        { "1\xC2\xA0", 1 },
        { "[\xE2\x80\xA8]", 1 },
        { "{\xC2\x85}", 1 },
        { "\xFF", 0 },
        { "[1,\x80]", 3 },
    };
    for (size_t i = 0; i < COUNT(outside); i++) {
        ROW("outside a string, row %zu", i);
        verdict(outside[i].part, strlen(outside[i].part), outside[i].pos, SYNTAX);
    }
}

TEST(invalid_structure)
{
    static const json_row rows[] = {
        { "[1,]", "   ^", SYNTAX },
        { "[,1]", " ^", SYNTAX },
        { "[,]", " ^", SYNTAX },
        { "[1,,2]", "   ^", SYNTAX },
        { "[1;2]", "  ^", SYNTAX },
        { "[1:2]", "  ^", SYNTAX },
        { "[1}", "  ^", SYNTAX },
        { "['a'}", "    ^", SYNTAX },
        { "[[]}", "   ^", SYNTAX },
        { "[}", " ^", SYNTAX },
        { "['a' 'b']", "     ^", SYNTAX },
        { "['a''b']", "    ^", SYNTAX },
        { "[[][]]", "   ^", SYNTAX },
        { "[{}{}]", "   ^", SYNTAX },
        { "['a':1]", "    ^", SYNTAX },
        { "[*]", " ^", SYNTAX },
        { "[1,//\n2]", "   ^", SYNTAX },
        { "[1,/**/2]", "   ^", SYNTAX },
        { "[1#\n]", "  ^", SYNTAX },
        { "{,}", " ^", SYNTAX },
        { "{]", " ^", SYNTAX },
        { "{'a'}", "    ^", SYNTAX },
        { "{'a',1}", "    ^", SYNTAX },
        { "{'a':}", "     ^", SYNTAX },
        { "{'a':,}", "     ^", SYNTAX },
        { "{'a'::1}", "     ^", SYNTAX },
        { "{'a'=1}", "    ^", SYNTAX },
        { "{'a' 1}", "     ^", SYNTAX },
        { "{'a':1,}", "       ^", SYNTAX },
        { "{'a':'1',}", "         ^", SYNTAX },
        { "{'a':{},}", "        ^", SYNTAX },
        { "{'a':1,,'b':2}", "       ^", SYNTAX },
        { "{,'a':1}", " ^", SYNTAX },
        { "{'a':1]", "      ^", SYNTAX },
        { "{'a':'1']", "        ^", SYNTAX },
        { "{'a':1 'b':2}", "       ^", SYNTAX },
        { "{'a':'1''b':2}", "        ^", SYNTAX },
        { "{'a':1;'b':2}", "      ^", SYNTAX },
        { "{'a':1:2}", "      ^", SYNTAX },
        { "{'a':'b':2}", "        ^", SYNTAX },
        { "{a:1}", " ^", SYNTAX },
        { "{1:1}", " ^", SYNTAX },
        { "{null:1}", " ^", SYNTAX },
        { "{[]:1}", " ^", SYNTAX },
        { "{{}:1}", " ^", SYNTAX },
        { "{'a':1,b:2}", "       ^", SYNTAX },
        { "{'a':1,2}", "       ^", SYNTAX },
        { "{'a':1,{}}", "       ^", SYNTAX },
        { "{'a':1 /**/}", "       ^", SYNTAX },
        { "{'a'\x0b:1}", "    ^", SYNTAX },
        { "[\x0c]", " ^", SYNTAX },
        { "", "^", SYNTAX },
        { ":", "^", SYNTAX },
        { "[]]", "  ^", SYNTAX },
        { "''''", "  ^", SYNTAX },
        { "`", "^", SYNTAX },
        { "`'a'", "^", SYNTAX },
        { "'a'`'b'", "   ^", SYNTAX },
        { "1\x7f", " ^", SYNTAX },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].part);
        /* Only in the first frame: what the additional bracket closes depends on the frame. */
        size_t caret = strlen(rows[i].caret) - 1, len = strlen(rows[i].part);
        if (strcmp(rows[i].part, "[]]") == 0)
            verdict_in(frames[0], "[]]", 3, 2, SYNTAX);
        else
            verdict(rows[i].part, len, caret, SYNTAX);
    }
}

TEST(early_end)
{
    static const json_row rows[] = {
        { "", "^", END },
        { " ", " ^", END },
        { "n", " ^", END },
        { "nul", "   ^", END },
        { "t", " ^", END },
        { "tru", "   ^", END },
        { "fals", "    ^", END },
        { "null", "    ^", END },
        { "-", " ^", END },
        { "1", " ^", END },
        { "0", " ^", END },
        { "1.", "  ^", END },
        { "1.5", "   ^", END },
        { "1e", "  ^", END },
        { "1e+", "   ^", END },
        { "1e-1", "    ^", END },
        { "'", " ^", END },
        { "'a", "  ^", END },
        { "'`", "  ^", END },
        { "'`u", "   ^", END },
        { "'`u0", "    ^", END },
        { "'`u00", "     ^", END },
        { "'`u004", "      ^", END },
        { "'`u0041", "       ^", END },
        { "'`ud800", "       ^", END },
        { "'`ud800`", "        ^", END },
        { "'`ud800`u", "         ^", END },
        { "'`ud800`ud", "          ^", END },
        { "'`ud800`udc", "           ^", END },
        { "'`ud800`udc0", "            ^", END },
        { "'`'", "   ^", END },
        { "'a'", "   ^", END },
        { "[", " ^", END },
        { "[1", "  ^", END },
        { "[1,", "   ^", END },
        { "[]", "  ^", END },
        { "{", " ^", END },
        { "{'", "  ^", END },
        { "{'a'", "    ^", END },
        { "{'a':", "     ^", END },
        { "{'a':1", "      ^", END },
        { "{'a':1,", "       ^", END },
        { "{}", "  ^", END },
        { "{'a':[", "      ^", END },
        { "'a'\n\n", "     ^", END },
        { "'\xC3", "  ^", END },
        { "'\xE2\x82", "   ^", END },
        { "'\xE2", "  ^", END },
        { "'\xF0\x9F\x98", "    ^", END },
        { "'\xF0\x9F", "   ^", END },
        { "'\xF0", "  ^", END },
        { "'\xED\x9F", "   ^", END },
        { "'\xE0\xA0", "   ^", END },
    };
    verdicts(rows, COUNT(rows));
    ROW("an empty text");
    edgefn_event ev;
    parse_at_guard(&ev, S(""), true);
    CHECK_ERR(&ev, EDGEFN_E_JSON_EOF, 0);
    ROW("white space alone");
    parse_at_guard(&ev, S(" \n\t\r "), true);
    CHECK_ERR(&ev, EDGEFN_E_JSON_EOF, 5);
}

/* A text that is truncated after an error reports that error. */
TEST(early_end_after_an_error)
{
    static const struct {
        const char *part;
        size_t pos;
        int code;
    } rows[] = {
        { "'`x", 1, STRING },      { "'\xFF", 1, UTF8 },       { "'\xC0", 1, UTF8 },
        { "'\xE0\x80", 1, UTF8 },  { "'\xED\xA0", 1, UTF8 },   { "'\xF4\x90", 1, UTF8 },
        { "'\xC3 ", 1, UTF8 },     { "'`u00g", 1, STRING },    { "'`udc00", 1, STRING },
        { "'`ud800a", 1, STRING }, { "'`ud800`n", 1, STRING }, { "nux", 0, SYNTAX },
        { "[1,]", 3, SYNTAX },     { "{'a':1,]", 7, SYNTAX },  { "01", 0, NUMBER },
        { "1.x", 0, NUMBER },      { "-x", 0, NUMBER },        { "'a\n", 2, STRING },
        { "'a' 'b", 4, SYNTAX },   { "1 'b", 2, SYNTAX },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].part);
        for (size_t k = 0; k < COUNT(frames); k++) {
            size_t at;
            edgefn_event ev;
            edgefn_str json = frame_bytes(frames[k], rows[i].part, strlen(rows[i].part), true, &at);
            parse_at_guard(&ev, json, true);
            if (!CHECK_ERR(&ev, (edgefn_error)rows[i].code, at + rows[i].pos)) {
                test_show("text   ", json);
                break;
            }
        }
    }
}

/* The expected result for each byte in the place of a value, a byte of a string, the letter of
   an escape, a hex digit, or white space. */
static int expect_value(int b)
{
    if (b >= '0' && b <= '9') return OK;
    return b == '-' ? NUMBER : SYNTAX;
}

TEST(every_byte)
{
    for (int b = 0; b < 256; b++) {
        char c = (char)b, text[16];
        ROW("byte 0x%02x", (unsigned)b);
        if (b != '\'' && b != '`') { /* these two stand for other bytes in a row */
            bool space = b == ' ' || b == '\t' || b == '\n' || b == '\r';
            if (b != '"' && b != '[' && b != '{' && b != ']' && b != '}' && !space)
                verdict(&c, 1, 0, expect_value(b));
            snprintf(text, sizeof text, "'.'");
            text[1] = c;
            if (b == '"')
                verdict(text, 3, 2, SYNTAX);
            else if (b != '\\')
                verdict(text, 3, 1, b < 0x20 ? STRING : b >= 0x80 ? UTF8 : OK);
            snprintf(text, sizeof text, "'`.'");
            text[2] = c;
            if (b != '"') verdict(text, 4, 1, b && strchr("/\\bfnrt", b) ? OK : STRING);
            for (int digit = 0; digit < 4; digit++) {
                snprintf(text, sizeof text, "'`u0000'");
                text[3 + digit] = c;
                bool hex =
                    (b >= '0' && b <= '9') || (b >= 'a' && b <= 'f') || (b >= 'A' && b <= 'F');
                /* \ud000 and \u0d00 are not surrogates, \u0000 is allowed */
                verdict(text, 8, 1, hex ? OK : STRING);
            }
            snprintf(text, sizeof text, "{'a'.:1}");
            text[4] = c;
            verdict(text, 8, b == ':' ? 5 : 4, space ? OK : SYNTAX);
        }
    }
}

/* Unicode's table of well-formed byte sequences. Returns how many of the first bytes are
   ill-formed, and where. */
static size_t utf8_bad_at(const unsigned char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        unsigned b = s[i], low = 0x80, high = 0xBF;
        size_t more = b < 0x80                 ? 0
                      : b >= 0xC2 && b <= 0xDF ? 1
                      : b >= 0xE0 && b <= 0xEF ? 2
                      : b >= 0xF0 && b <= 0xF4 ? 3
                                               : 9;
        if (b == 0xE0) low = 0xA0;
        if (b == 0xED) high = 0x9F;
        if (b == 0xF0) low = 0x90;
        if (b == 0xF4) high = 0x8F;
        if (more == 9) return i;
        for (size_t k = 1; k <= more; k++) {
            if (i + k >= n || s[i + k] < low || s[i + k] > high) return i;
            low = 0x80, high = 0xBF;
        }
        i += more + 1;
    }
    return n;
}

TEST(utf8_by_pairs)
{
    static const struct {
        const char *bytes;
        size_t len;
    } tails[] = { { "", 0 },         { "\x80", 1 },         { "\xBF\xBF", 2 }, { "a", 1 },
                  { "\x80\x41", 2 }, { "\x80\x80\x80", 3 }, { "\xC3\xA4", 2 }, { "\x80\xC0", 2 } };
    static char text[300];
    static unsigned char mem[16 * 1024];
    edgefn_event ev;
    size_t good = 0;
    int head = snprintf(text, sizeof text, "{\"pad-pad-pad\":\"");
    for (int x = 0x80; x < 256; x++)
        for (int y = 0x20; y < 256; y++)
            for (size_t t = 0; t < COUNT(tails); t++) {
                unsigned char *s = (unsigned char *)text + head;
                if (y == '"' || y == '\\') continue;
                s[0] = (unsigned char)x, s[1] = (unsigned char)y;
                memcpy(s + 2, tails[t].bytes, tails[t].len);
                size_t n = 2 + tails[t].len, bad = utf8_bad_at(s, n);
                int rest = snprintf((char *)s + n, 60, "\",\"Records\":7,\"and\":\"%s\"}",
                                    "additional text after it");
                edgefn_str json = { text, (size_t)head + n + (size_t)rest };
                edgefn_parse(&ev, json, edgefn_arena_make(mem, sizeof mem), NULL);
                good += bad == n;
                bool held = bad == n ? CHECK(ev.err.code == EDGEFN_E_TYPE
                                             || ev.err.code == EDGEFN_E_NOT_AN_EVENT)
                                     : CHECK_ERR(&ev, EDGEFN_E_JSON_UTF8, (size_t)head + bad);
                if (!held) {
                    test_show("text   ", json);
                    return;
                }
            }
    CHECK(good > 2000);
}

/* Each type of invalid byte at each position of a long string, and near the end of the text. */
static const struct {
    const char *bytes;
    int code;
} wrongs[] = { { "\x01", STRING },      { "\n", STRING },     { "`x", STRING },
               { "`ud800", STRING },    { "`udfff", STRING }, { "`u1x", STRING },
               { "\x80", UTF8 },        { "\xE2\x82", UTF8 }, { "\xF0\x9F\x98", UTF8 },
               { "\xED\xA0\x80", UTF8 } };

TEST(every_place)
{
    static const char *const fill[] = {
        "a", "\xC3\xA4", "`n", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "`u00e4", "``"
    };
    for (size_t w = 0; w < COUNT(wrongs); w++)
        for (size_t f = 0; f < COUNT(fill); f++) {
            ROW("invalid %zu in fill %zu", w, f);
            for (size_t where = 0; where < 75; where++)
                for (size_t behind = 0; behind < 70; behind += 23) {
                    char part[1200];
                    size_t n = 0, pos;
                    part[n++] = '\'';
                    for (size_t i = 0; i < where; i++)
                        n += (size_t)snprintf(part + n, 20, "%s", fill[f]);
                    pos = n;
                    n += (size_t)snprintf(part + n, 20, "%s", wrongs[w].bytes);
                    for (size_t i = 0; i < behind; i++)
                        n += (size_t)snprintf(part + n, 20, "%s", fill[i % 2 ? f : 0]);
                    part[n++] = '\'';
                    if (!verdict_in(frames[(where + w) % COUNT(frames)], part, n, pos,
                                    wrongs[w].code))
                        goto next;
                }
        next:;
        }
}

/* Of two errors, the first one is reported, whatever their types are. */
TEST(first_error)
{
    static const struct {
        const char *text;
        size_t pos;
        int code;
    } kinds[] = {
        { "'\x01'", 1, STRING }, { "'`q'", 1, STRING },     { "'\xFF'", 1, UTF8 },
        { "'\xC3'", 1, UTF8 },   { "'`ud800'", 1, STRING }, { "tru", 0, SYNTAX },
        { "1.", 0, NUMBER },     { "-", 0, NUMBER },        { "[1,]", 3, SYNTAX },
        { "{'a'}", 4, SYNTAX },  { "\xFF", 0, SYNTAX },     { "'a''b'", 3, SYNTAX },
        { "[1}", 2, SYNTAX },
    };
    static const char *const between[] = {
        ",",
        ",'a long string that fills more than one block of any vector unit there is, and some more of it',",
        ",'\xC3\xA4`n',", ",0,[],{},"
    };
    for (size_t a = 0; a < COUNT(kinds); a++)
        for (size_t b = 0; b < COUNT(kinds); b++)
            for (size_t m = 0; m < COUNT(between); m++) {
                char part[400];
                ROW("%zu then %zu, between %zu", a, b, m);
                snprintf(part, sizeof part, "[%s%s%s]", kinds[a].text, between[m], kinds[b].text);
                verdict(part, strlen(part), 1 + kinds[a].pos, kinds[a].code);
            }
    ROW("an error before an early end");
    static const char *const ends[] = { "'", "'a", "[", "{'a':", "1", "'`u12", "'\xC3" };
    for (size_t a = 0; a < COUNT(kinds); a++)
        for (size_t e = 0; e < COUNT(ends); e++) {
            char part[100];
            size_t at;
            edgefn_event ev;
            snprintf(part, sizeof part, "[%s,%s", kinds[a].text, ends[e]);
            edgefn_str json = frame_bytes(frames[a % COUNT(frames)], part, strlen(part), true, &at);
            parse_at_guard(&ev, json, true);
            if (!CHECK_ERR(&ev, (edgefn_error)kinds[a].code, at + 1 + kinds[a].pos))
                test_show("text   ", json);
        }
}

/* Invalid JSON is reported as such, even after something that would make the text no event. */
TEST(json_before_event)
{
    static const json_row rows[] = {
        { "{'Records':7,'x':tru}", "                 ^", SYNTAX },
        { "{'Records':[{'cf':{'config':{'eventType':'nonsense'}}}],'x':'`q'}",
          "                                                             ^", STRING },
        { "{'Records':[{'cf':{'config':{'eventType':null}}}],'x':1.}",
          "                                                      ^", NUMBER },
        { "{'a':{'b':1},'a':{'b':1}]", "                        ^", SYNTAX },
        { "{'context':1,'context':2,'x':'\n'}", "                              ^", STRING },
        { "[] x", "   ^", TRAILING },
        { "{} {}", "   ^", TRAILING },
        { "{}}", "  ^", TRAILING },
        { "null,", "    ^", TRAILING },
        { "'a''b'", "   ^", TRAILING },
        { "1 2", "  ^", TRAILING },
        { "[]\n\n]", "    ^", TRAILING },
        { "}", "^", SYNTAX },
        { "x", "^", SYNTAX },
        { " ,", " ^", SYNTAX },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}}]} ,",
          "                                                                                                    ^",
          TRAILING },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':null}}}]}]",
          "                                                                                                    ^",
          TRAILING },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','method':'GET'}}]}]",
          "                                                                                                     ^",
          SYNTAX },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':7,'headers':{'a':[}}}}]}",
          "                                                                                                             ^",
          SYNTAX },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].part);
        edgefn_event ev;
        parse_at_guard(&ev, js(rows[i].part), true);
        CHECK_ERR(&ev, (edgefn_error)rows[i].code, strlen(rows[i].caret) - 1);
    }
    ROW("NUL after the event");
    edgefn_event ev;
    parse_at_guard(&ev, js_bytes("{}\0", 3), true);
    CHECK_ERR(&ev, EDGEFN_E_JSON_TRAILING, 2);
    ROW("byte order mark");
    parse_at_guard(&ev, js("\xEF\xBB\xBF{}"), true);
    CHECK_ERR(&ev, EDGEFN_E_JSON_SYNTAX, 0);
}

TEST(depth)
{
    static const char *const open[] = { "[", "{'a':", "[{'a':", "[[],{'a':1,'b':" },
                             *const close[] = { "]", "}", "}]", "}]" };
    static char text[3000];
    for (size_t k = 0; k < COUNT(open); k++)
        for (size_t times = 20; times <= 66; times++) {
            size_t n = 0, depth = 0, deepest = 0, limit = NOWHERE;
            ROW("%zu times %s", times, open[k]);
            n += (size_t)snprintf(text + n, 100, "{'x':");
            for (size_t i = 0; i < times; i++)
                n += (size_t)snprintf(text + n, 100, "%s", open[k]);
            n += (size_t)snprintf(text + n, 100, "0");
            for (size_t i = 0; i < times; i++)
                n += (size_t)snprintf(text + n, 100, "%s", close[k]);
            n += (size_t)snprintf(
                text + n, 200, "%s",
                ",'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}}]}");
            for (size_t i = 0; i < n; i++) {
                if (text[i] == '[' || text[i] == '{') depth++;
                if (text[i] == ']' || text[i] == '}') depth--;
                if (depth > EDGEFN_MAX_DEPTH && limit == NOWHERE) limit = i;
                if (depth > deepest) deepest = depth;
            }
            edgefn_event ev;
            parse_at_guard(&ev, js_bytes(text, n), true);
            if (deepest > EDGEFN_MAX_DEPTH)
                CHECK_ERR(&ev, EDGEFN_E_JSON_DEPTH, limit);
            else
                CHECK_NUM(ev.err.code, EDGEFN_OK);
        }
    ROW("100000 deep, never closed");
    char *deep = (char *)test_own(malloc(100000));
    memset(deep, '[', 100000);
    edgefn_event ev;
    edgefn_str json = { deep, 100000 };
    edgefn_parse(&ev, json, arena_new(edgefn_memory_bound(json.len)), NULL);
    CHECK_ERR(&ev, EDGEFN_E_JSON_DEPTH, 64);
}

/* The brackets of known members count like all others. */
TEST(depth_of_known_members)
{
    char deep[200];
    static const struct {
        const char *frame;
        size_t around;
    } rows[] = {
        { "{'x':@,'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}}]}",
          1 },
        { "{'Records':[{'x':@,'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}}]}",
          3 },
        { "{'Records':[{'cf':{'x':@,'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/'}}}]}",
          4 },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request','x':@},'request':{'method':'GET','uri':'/'}}}]}",
          5 },
        { "{'Records':[{'cf':{'config':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/','headers':{'a':[{'value':'','x':@}]}}}}]}",
          8 },
        { "{'version':'1.0','context':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/','cookies':{'a':{'value':'','x':@}}}}",
          4 },
        { "{'version':'1.0','context':{'eventType':'viewer-request'},'request':{'method':'GET','uri':'/','cookies':{'a':{'value':'',"
          "'multiValue':[{'value':'','x':@}]}}}}",
          6 },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t more = 0; more < 2; more++) {
            ROW("%zu levels in: %s", more ? rows[i].around + 1 : rows[i].around, rows[i].frame);
            size_t n = EDGEFN_MAX_DEPTH - rows[i].around + more, at;
            memset(deep, '[', n), memset(deep + n, ']', n);
            edgefn_event ev;
            edgefn_str json = frame_bytes(rows[i].frame, deep, 2 * n, false, &at);
            parse_at_guard(&ev, json, true);
            if (more)
                CHECK_ERR(&ev, EDGEFN_E_JSON_DEPTH, at + n - 1);
            else if (!CHECK_NUM(ev.err.code, EDGEFN_OK))
                kit_why(&ev);
        }
}

/* Escapes in known members are decoded, at every position of a block. */
TEST(escapes_decoded)
{
    static const struct {
        const char *text, *means;
        size_t len;
    } rows[] = {
        { "`'", "\"", 1 },
        { "``", "\\", 1 },
        { "`/", "/", 1 },
        { "`b", "\b", 1 },
        { "`f", "\f", 1 },
        { "`n", "\n", 1 },
        { "`r", "\r", 1 },
        { "`t", "\t", 1 },
        { "`u0000", "", 1 },
        { "`u007f", "\x7f", 1 },
        { "`u0080", "\xC2\x80", 2 },
        { "`u07FF", "\xDF\xBF", 2 },
        { "`u0800", "\xE0\xA0\x80", 3 },
        { "`uFFFF", "\xEF\xBF\xBF", 3 },
        { "`uD7FF", "\xED\x9F\xBF", 3 },
        { "`uE000", "\xEE\x80\x80", 3 },
        { "`uD800`uDC00", "\xF0\x90\x80\x80", 4 },
        { "`udbff`udfff", "\xF4\x8F\xBF\xBF", 4 },
        { "`ud83d`ude00", "\xF0\x9F\x98\x80", 4 },
        { "`u0041", "A", 1 },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t before = 0; before < 40; before++) {
            ROW("%s after %zu bytes", rows[i].text, before);
            char value[100], means[100];
            memset(value, 'a', before), memset(means, 'a', before);
            snprintf(value + before, 40, "%sz", rows[i].text);
            memcpy(means + before, rows[i].means, rows[i].len);
            means[before + rows[i].len] = 'z';
            edgefn_event ev;
            edgefn_str json = frame(
                F_HEAD(
                    "viewer-request") "'request':{'method':'GET','uri':'/','headers':{'a':{'value':'@'}}}}",
                value, NULL);
            if (!OPEN(&ev, json)) continue;
            edgefn_str want = { means, before + rows[i].len + 1 };
            CHECK_STR(edgefn_get(&ev.request.headers, S("a")), want);
            UNTOUCHED(&ev);
        }
}

/* Texts in another encoding are named as what they are, only by all bytes of their mark. */
TEST(byte_order_marks)
{
    static const struct {
        const char *text, *where;
        size_t len;
    } rows[] = {
        { "\xef\xbb\xbf{}", "a byte order mark before the JSON text", 5 },
        { "\xef\xbb{}", "JSON text", 4 },
        { "\xef\xbc\xbf{}", "JSON text", 5 },
        { "\xef\xbb\xbe{}", "JSON text", 5 },
        { "\xff\xfe{\0", "a byte order mark of UTF-16: the JSON text must be UTF-8", 4 },
        { "\xfe\xff\0{", "a byte order mark of UTF-16: the JSON text must be UTF-8", 4 },
        { "\xff\xff{\0", "JSON text", 4 },
        { "\xfe\xfe\0{", "JSON text", 4 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        edgefn_event ev;
        ROW("%zu", i);
        CHECK(edgefn_parse(&ev, (edgefn_str){ rows[i].text, rows[i].len }, arena_new(4096), NULL)
              != EDGEFN_OK);
        CHECK(ev.err.pos == 0);
        CHECK_STR(edgefn_cstr(ev.err.where), edgefn_cstr(rows[i].where));
    }
}

/* Texts that cannot be: nothing of them is read. */
TEST(impossible_texts)
{
    edgefn_event ev;
    edgefn_str absent_but_long = { NULL, 5 };
    CHECK_NUM(edgefn_parse(&ev, absent_but_long, arena_new(4096), NULL), EDGEFN_E_OPTIONS);
    if (sizeof(size_t) < 8) return;
    edgefn_str long_text = { "{", (size_t)UINT32_MAX - 64 };
    CHECK_NUM(edgefn_parse(&ev, long_text, arena_new(4096), NULL), EDGEFN_E_OPTIONS);
    if (!OPEN(&ev, frame(L_VREQ, "{'method':'GET','uri':'/'}", NULL))) return;
    long_text.len = UINT32_MAX;
    CHECK_NUM(edgefn_json_at(&ev, long_text, S("/a")).type, EDGEFN_JSON_ABSENT);
    CHECK_NUM(ev.err.code, EDGEFN_OK);
    long_text.len = (size_t)UINT32_MAX - 64;
    CHECK(edgefn_check(&ev, long_text, NULL, 0) == SIZE_MAX);
    CHECK_ERR(&ev, EDGEFN_E_OPTIONS, NOWHERE);
}

/* A name with an escape that is longer than every known one is unknown, whatever it begins with. */
TEST(long_names_with_escapes)
{
    static const char *const names[] = {
        "met`u0068od", "`u006dethodmethodmethodmethodmethodmethodmethodmethodmethodmethodmethod",
        "`u006dethod`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n`n"
    };
    for (size_t i = 0; i < COUNT(names); i++) {
        char request[400];
        edgefn_event ev;
        ROW("%s", names[i]);
        snprintf(request, sizeof request, "{'%s':'PUT','uri':'/'%s}", names[i],
                 i ? ",'method':'GET'" : "");
        if (OPEN(&ev, frame(L_VREQ, request, NULL)))
            CHECK_STR(ev.request.method, i ? "GET" : "PUT");
    }
}

/* Plain bytes of every number before, between and after escapes. */
TEST(runs_between_escapes)
{
    for (size_t n = 0; n < 140; n++) {
        edgefn_event ev;
        char text[1000], want[600];
        size_t k = 0, w = 0;
        ROW("%zu", n);
        text[k++] = want[w++] = '/';
        for (size_t part = 0; part < 3; part++) {
            for (size_t i = 0; i < n; i++)
                text[k++] = want[w++] = (char)('a' + (i + part) % 26);
            memcpy(text + k, part == 1 ? "`/" : "`u002e", part == 1 ? 2 : 6);
            k += part == 1 ? 2 : 6;
            want[w++] = part == 1 ? '/' : '.';
        }
        text[k] = '\0';
        char object[1100];
        snprintf(object, sizeof object, "{'method':'GET','uri':'%s'}", text);
        if (!OPEN(&ev, frame(L_VREQ, object, NULL))) continue;
        CHECK_STR(ev.request.uri, ((edgefn_str){ want, w }));
    }
}
