/* recipes.c - edgefn recipes: finds recipes by words, and prints the source of one. */
#include "recipes.h"
#include "cli.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { NEAREST = 3, LONGEST_NAME = 63 };

static edgefn_str first_comment(const cli_recipe *r)
{
    return edgefn_str_cut(edgefn_cstr(r->source), EDGEFN_S("*/")).head;
}

static bool is_space(edgefn_str s, size_t i)
{
    return i < s.len && isspace((unsigned char)s.ptr[i]);
}

static size_t skip_spaces(edgefn_str s, size_t i)
{
    while (is_space(s, i))
        i++;
    return i;
}

/* Compares the start of a text, in any case; any white space matches any other, as in a line end with its indent. */
static bool begins_with(edgefn_str text, edgefn_str word)
{
    size_t at = 0, i = 0;

    while (i < word.len) {
        if (is_space(word, i) != is_space(text, at)) return false;
        if (is_space(word, i)) {
            i = skip_spaces(word, i);
            at = skip_spaces(text, at);
            continue;
        }
        if (at == text.len) return false;
        if (tolower((unsigned char)text.ptr[at++]) != tolower((unsigned char)word.ptr[i++]))
            return false;
    }
    return true;
}

static bool contains(edgefn_str text, edgefn_str word)
{
    for (size_t i = 0; i <= text.len; i++)
        if (begins_with(edgefn_str_skip(text, i), word)) return true;
    return false;
}

/* Reports whether the first comment, which begins with the name, contains all words. */
static bool matches(const cli_recipe *r, char **words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!contains(first_comment(r), edgefn_cstr(words[i]))) return false;
    return true;
}

/* Prints "name<TAB>first sentence": the first paragraph after "name.c - ", as one line. */
static void print_line(const cli_recipe *r)
{
    edgefn_str s = edgefn_str_cut(first_comment(r), EDGEFN_S("\n\n")).head;

    s = edgefn_str_trim(edgefn_str_cut(s, EDGEFN_S(" - ")).tail);
    if (edgefn_str_ends(s, EDGEFN_S("."))) s.len--;
    printf("%s\t", r->name);
    while (s.len > 0) {
        edgefn_cut line = edgefn_str_cut(s, EDGEFN_S("\n"));
        printf("%.*s%s", (int)line.head.len, line.head.ptr, line.found ? " " : "\n");
        s = edgefn_str_skip(line.tail, skip_spaces(line.tail, 0));
    }
}

static void print_all(void)
{
    const char *topic = "";

    for (size_t i = 0; i < cli_recipe_count; i++) {
        const cli_recipe *r = &cli_recipes[i];
        if (strcmp(r->topic, topic) != 0) printf("%s%s\n", i > 0 ? "\n" : "", r->topic);
        topic = r->topic;
        print_line(r);
    }
}

/*--- the nearest names --------------------------------------------------------------------------------------------------*/

/* Returns: how many characters to insert, remove or replace to turn one text into the other. */
static size_t distance(edgefn_str a, edgefn_str b)
{
    size_t row[LONGEST_NAME + 1]; /* from a[..i] to b[..j] */

    a = edgefn_str_take(a, LONGEST_NAME);
    b = edgefn_str_take(b, LONGEST_NAME);
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 0; i < a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < b.len; j++) {
            bool same = tolower((unsigned char)a.ptr[i]) == tolower((unsigned char)b.ptr[j]);
            size_t best = same ? diagonal : diagonal + 1;
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j + 1] + 1 < best) best = row[j + 1] + 1;
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }
    return row[b.len];
}

/* Returns: the distance to the name, or to the part of it that is nearest. */
static size_t distance_to_name(edgefn_str word, edgefn_str name)
{
    size_t best = distance(word, name);

    while (name.len > 0) {
        edgefn_cut c = edgefn_str_cut(name, EDGEFN_S("_"));
        size_t d = distance(word, c.head);
        if (d < best) best = d;
        name = c.tail;
    }
    return best;
}

/* Prints the names of the smallest distances, in the order of the table if these are equal. */
static void print_nearest(char **words, size_t count)
{
    size_t printed = 0;
    size_t *distances = calloc(cli_recipe_count, sizeof *distances);

    if (distances == NULL) return;
    for (size_t i = 0; i < cli_recipe_count; i++)
        for (size_t j = 0; j < count; j++)
            distances[i] +=
                distance_to_name(edgefn_cstr(words[j]), edgefn_cstr(cli_recipes[i].name));
    fputs("the nearest names:", stderr);
    for (size_t d = 0; printed < NEAREST && printed < cli_recipe_count; d++)
        for (size_t i = 0; i < cli_recipe_count && printed < NEAREST; i++)
            if (distances[i] == d)
                fprintf(stderr, "%s %s", printed++ > 0 ? "," : "", cli_recipes[i].name);
    fputs("; 'edgefn recipes' lists all\n", stderr);
    free(distances);
}

static int nothing_found(char **words, size_t count)
{
    fputs("edgefn recipes: no recipe's name or first comment contains", stderr);
    for (size_t i = 0; i < count; i++) {
        fprintf(stderr, "%s '", i > 0 ? " and" : "");
        cli_put_to(stderr, edgefn_cstr(words[i]));
        fputs("'", stderr);
    }
    fputs("\n", stderr);
    print_nearest(words, count);
    return CLI_REFUSED;
}

/* Returns: the recipe with this name; NULL if there is none. */
static const cli_recipe *named(const char *name)
{
    for (size_t i = 0; i < cli_recipe_count; i++)
        if (strcmp(cli_recipes[i].name, name) == 0) return &cli_recipes[i];
    return NULL;
}

/* Prints one line for each match, or the source if there is only one. */
static int print_matches(char **words, size_t count)
{
    const cli_recipe *last = NULL;
    size_t found = 0;

    for (size_t i = 0; i < cli_recipe_count; i++) {
        if (!matches(&cli_recipes[i], words, count)) continue;
        if (found == 1) print_line(last); /* now it is known not to be the only one */
        if (found > 0) print_line(&cli_recipes[i]);
        last = &cli_recipes[i];
        found++;
    }
    if (found == 0) return nothing_found(words, count);
    if (found == 1) fputs(last->source, stdout);
    return cli_flush(CLI_OK);
}

int cli_recipes_command(cli_args *args)
{
    char **words = args->argv + args->at; /* the operands are moved to its start */
    size_t count = 0;

    while (cli_next(args)) {
        if (args->operand == NULL) return cli_usage(args, "unknown option", args->option);
        words[count++] = args->argv[args->at - 1];
    }
    const cli_recipe *exact = count == 1 ? named(words[0]) : NULL;
    if (count > 0 && exact == NULL) return print_matches(words, count);
    if (exact)
        fputs(exact->source, stdout);
    else
        print_all();
    return cli_flush(CLI_OK);
}
