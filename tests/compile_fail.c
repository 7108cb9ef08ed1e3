/* Must not compile with any of FAIL=1..7, and must compile without it. */
#include "../edgefn.h"

edgefn_str misuse(edgefn_event *ev, const char *pointer, edgefn_fields *fields);

edgefn_str misuse(edgefn_event *ev, const char *pointer, edgefn_fields *fields)
{
    edgefn_str s = EDGEFN_S("literal");
    (void)pointer, (void)fields;
#if FAIL == 1
    s = EDGEFN_S(pointer); /* its length is unknown */
#elif FAIL == 2
    fields->items[0].value = s; /* would be lost: lists are changed by functions */
#elif FAIL == 3
    ev->request.headers.items[0].change = EDGEFN_CHANGE_REMOVED;
#elif FAIL == 4
    ev->request.headers.removed[0].name = s;
#elif FAIL == 5
    edgefn_set(fields, "x-a", "1"); /* a C string is not an edgefn_str */
#elif FAIL == 6
    edgefn_get(edgefn_query(ev), pointer);
#elif FAIL == 7
    char local[4] = "abc";
    s = EDGEFN_S(local);
#else
    ev->request.uri = s;
    s = edgefn_get(fields, edgefn_cstr(pointer));
#endif
    return s;
}
