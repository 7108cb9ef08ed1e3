/* The tables used by edgefn_ua_parse(): sorted, complete, small. A suite of its own because they
   are internal; see the Makefile. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"

TEST(tables)
{
    size_t n = COUNT(edgefn__ua_words), total = sizeof edgefn__ua_words + sizeof edgefn__ua_ends
                                                + sizeof edgefn__ua_first + sizeof edgefn__ua_means;
    CHECK(total < 8192);
    for (size_t i = 0; i < n; i++) {
        const char *w = edgefn__ua_words[i] + 1;
        size_t len = strlen(w), letter = (size_t)(w[0] - 'a');
        ROW("%s", w);
        CHECK(len >= 2 && w[1] != '$' && letter < 26 && memchr(edgefn__ua_words[i], 0, 12) != NULL);
        CHECK(i == 0 || strcmp(edgefn__ua_words[i - 1] + 1, w) < 0);
        CHECK(i >= edgefn__ua_first[letter] && i < edgefn__ua_first[letter + 1]);
        CHECK(strchr(w, '$') == NULL || strchr(w, '$') == w + len - 1);
        CHECK(w[-1] == 'A' || (w[-1] >= '0' && w[-1] <= 'z' && edgefn__ua_means[w[-1] - '0'] != 0));
        for (size_t k = 0; k < len; k++)
            CHECK(w[k] < 'A' || w[k] > 'Z');
        /* the longest word comes last and is compared first */
        for (size_t k = i + 1; k < n && strncmp(edgefn__ua_words[k] + 1, w, len) == 0; k++)
            CHECK(strlen(edgefn__ua_words[k] + 1) > len);
    }
    ROW("index");
    CHECK(edgefn__ua_first[0] == 0 && edgefn__ua_first[26] == n);
    for (size_t i = 0; i < COUNT(edgefn__ua_ends); i++) {
        ROW("ends %s", edgefn__ua_ends[i] + 1);
        CHECK(i == 0 || strcmp(edgefn__ua_ends[i - 1] + 1, edgefn__ua_ends[i] + 1) < 0);
        CHECK(memchr(edgefn__ua_ends[i], 0, 12) != NULL && strlen(edgefn__ua_ends[i]) > 2
              && edgefn__ua_means[edgefn__ua_ends[i][0] - '0'] != 0);
    }
}
