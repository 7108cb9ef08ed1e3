/* fuzz_scan.c - the vector code, compared with the portable code and with a simple loop (tests/test_scan.c).

   Properties:
     - every scanner returns the verdict, the quotation marks and the strings with escapes of the loop, and reads nothing
       outside of the text (unreadable pages before and after it)
     - searching, comparing and folding of strings return the same as loops over bytes, at every distance from a page's end */
#define TEST_NO_MAIN
#define EDGEFN_IMPLEMENTATION
#include "../tests/test_scan.c"
#include "fuzz.h"

static unsigned char folded(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static void strings(edgefn_str s, edgefn_str part)
{
    size_t at = 0, n = part.len;
    bool equal = s.len == n, alike = s.len == n, same_start = s.len >= n;
    for (size_t i = 0; i < n && i < s.len; i++) {
        equal &= s.ptr[i] == part.ptr[i];
        alike &= folded(s.ptr[i]) == folded(part.ptr[i]);
        same_start &= s.ptr[i] == part.ptr[i];
    }
    while (at + n <= s.len && n && memcmp(s.ptr + at, part.ptr, n) != 0)
        at++;
    HOLDS(edgefn_str_eq(s, part) == equal && edgefn_str_ieq(s, part) == alike);
    HOLDS(edgefn_secret_eq(s, part) == equal && edgefn_str_starts(s, part) == same_start);
    HOLDS(edgefn_str_find(s, part) == (n && at + n > s.len ? s.len : at));
}

static void lower(edgefn_str s)
{
    edgefn_event ev;
    HOLDS(edgefn_build_begin(&ev, EDGEFN_DIALECT_LAMBDA, EDGEFN_VIEWER_REQUEST,
                             fuzz_arena(0, s.len + 4096), NULL)
          == EDGEFN_OK);
    edgefn_str low = edgefn_str_lower(&ev, s);
    HOLDS_FOR(&ev, low.len == s.len);
    for (size_t i = 0; i < s.len; i++)
        HOLDS((unsigned char)low.ptr[i] == folded(s.ptr[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > LONGEST) return 0;
    HOLDS(agree((const char *)data, size));
    size_t half = size / 2, from = size ? data[0] % (half + 1) : 0;
    edgefn_str s = guard_copy(data, size);
    edgefn_str first = guard_copy_front(data, half);
    strings(s, (edgefn_str){ s.ptr + from, size - from });
    strings(first, (edgefn_str){ s.ptr + from, half });
    strings((edgefn_str){ s.ptr + size - half, half }, first);
    lower(s);
    lower(first);
    test_free();
    return 0;
}
