/* recipes.h - the recipes of examples/handlers, which recipes.sh writes to build/obj/recipes.c. */
#ifndef CLI_RECIPES_H_INCLUDED
#define CLI_RECIPES_H_INCLUDED

#include <stddef.h>

typedef struct cli_recipe {
    const char *name, *topic;
    const char *source; /* begins with the first comment, and that with the name */
} cli_recipe;

extern const cli_recipe cli_recipes[]; /* in the order of examples/README.md */
extern const size_t cli_recipe_count;

#endif /* CLI_RECIPES_H_INCLUDED */
