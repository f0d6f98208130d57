/* SPDX-License-Identifier: MIT */
#include "lib/json_tree.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_pull.h"

struct tree {
    struct json_pull *pull;
    const char *text; /* what is not fed yet */
    size_t left;
    size_t chunk;
    char *fed; /* the chunk: its own block, so that a sanitizer sees a step too far */
    const char *error;
};

static enum json_token tree_next(struct tree *tree)
{
    enum json_token token;

    while ((token = json_pull_next(tree->pull)) == JSON_TOKEN_MORE) {
        size_t len = tree->chunk > 0 && tree->chunk < tree->left ? tree->chunk : tree->left;

        free(tree->fed);
        tree->fed = malloc(len > 0 ? len : 1);
        if (tree->fed == NULL)
            abort();
        memcpy(tree->fed, tree->text, len);
        tree->text += len;
        tree->left -= len;
        json_pull_feed(tree->pull, tree->fed, len, tree->left == 0);
    }
    return token;
}

static json_t *fail(struct tree *tree, const char *error)
{
    if (tree->error == NULL)
        tree->error = error;
    return NULL;
}

/* jansson keeps whole numbers in 64 bits and others in a double, and refuses what does not fit. */
static json_t *number_read(struct tree *tree)
{
    size_t len;
    const char *text = json_pull_text(tree->pull, &len);
    char *copy = strndup(text, len);
    json_t *value = NULL;

    if (copy == NULL)
        abort();
    errno = 0;
    if (strpbrk(copy, ".eE") == NULL) {
        long long whole = strtoll(copy, NULL, 10);

        value = errno == 0 ? json_integer(whole) : NULL;
    } else {
        double real = strtod(copy, NULL);

        value = isfinite(real) ? json_real(real) : NULL;
    }
    free(copy);
    return value != NULL ? value : fail(tree, "limit: number");
}

static json_t *value_read(struct tree *tree, enum json_token token);

static json_t *array_read(struct tree *tree)
{
    json_t *array = json_array();
    enum json_token token;

    while ((token = tree_next(tree)) != JSON_TOKEN_ARRAY_END) {
        json_t *value = value_read(tree, token);

        if (value == NULL) {
            json_decref(array);
            return NULL;
        }
        json_array_append_new(array, value);
    }
    return array;
}

static json_t *object_read(struct tree *tree)
{
    json_t *object = json_object();
    enum json_token token;

    while ((token = tree_next(tree)) == JSON_TOKEN_KEY) {
        size_t len;
        const char *text = json_pull_text(tree->pull, &len);
        char *key = malloc(len + 1);
        json_t *value;

        if (key == NULL)
            abort();
        memcpy(key, text, len);
        key[len] = '\0';
        if (memchr(key, '\0', len) != NULL)
            fail(tree, "limit: NUL in a key");
        value = value_read(tree, tree_next(tree));
        if (value != NULL)
            json_object_setn_new(object, key, len, value);
        free(key);
        if (value == NULL || tree->error != NULL)
            break;
    }
    if (token == JSON_TOKEN_OBJECT_END)
        return object;
    json_decref(object);
    return token == JSON_TOKEN_ERROR ? value_read(tree, token) : NULL;
}

static json_t *value_read(struct tree *tree, enum json_token token)
{
    const char *text;
    uint64_t offset;
    size_t len;

    switch (token) {
    case JSON_TOKEN_OBJECT_BEGIN:
        return object_read(tree);
    case JSON_TOKEN_ARRAY_BEGIN:
        return array_read(tree);
    case JSON_TOKEN_STRING:
        text = json_pull_text(tree->pull, &len);
        return json_stringn(text, len);
    case JSON_TOKEN_NUMBER:
        return number_read(tree);
    case JSON_TOKEN_TRUE:
        return json_true();
    case JSON_TOKEN_FALSE:
        return json_false();
    case JSON_TOKEN_NULL:
        return json_null();
    case JSON_TOKEN_ERROR:
        return fail(tree, json_pull_error(tree->pull, &offset));
    default:
        fprintf(stderr, "token %d where a value must be\n", (int)token);
        abort();
    }
}

json_t *json_tree_read(const char *text, size_t len, size_t chunk, const char **error)
{
    struct tree tree = {.pull = json_pull_new(), .text = text, .left = len, .chunk = chunk};
    json_t *value;
    enum json_token token;

    if (tree.pull == NULL)
        abort();
    value = value_read(&tree, tree_next(&tree));
    token = value != NULL ? tree_next(&tree) : JSON_TOKEN_ERROR;
    if (value != NULL && token != JSON_TOKEN_END) {
        json_decref(value);
        value = value_read(&tree, token);
    }
    json_pull_free(tree.pull);
    free(tree.fed);
    *error = tree.error;
    return value;
}

/* Whether the readers may differ on a text that ours refuses for this reason (NULL: takes). */
static bool may_differ(const char *text, size_t len, const char *error)
{
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        return true; /* we skip a byte order mark */
    if (error == NULL)
        return false;
    if (memchr(text, '\0', len) != NULL)
        return true; /* jansson overlooks a NUL behind a number, or takes it for the end */
    return strncmp(error, "limit: ", 7) == 0 || strcmp(error, "nested too deeply") == 0 ||
           strcmp(error, "string or number too long") == 0;
}

const char *json_tree_compare(const char *text, size_t len, size_t chunk)
{
    const char *error = NULL;
    const char *chunk_error = NULL;
    json_t *theirs = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    json_t *ours = json_tree_read(text, len, 0, &error);
    json_t *chunked = json_tree_read(text, len, chunk, &chunk_error);
    const char *difference = NULL;

    if (ours != NULL && len > 0 && memchr(text, '\0', len) != NULL)
        difference = "a NUL byte is accepted";
    else if ((ours == NULL) != (chunked == NULL) || (ours != NULL && !json_equal(ours, chunked)))
        difference = "at once and in chunks differ";
    else if (ours == NULL && strcmp(error, chunk_error) != 0)
        difference = "at once and in chunks refuse for different reasons";
    else if (may_differ(text, len, error))
        difference = NULL;
    else if (ours == NULL && theirs != NULL)
        difference = "only ours refuses";
    else if (ours != NULL && theirs == NULL)
        difference = "only jansson refuses";
    else if (ours != NULL && !json_equal(ours, theirs))
        difference = "the values differ";
    json_decref(theirs);
    json_decref(ours);
    json_decref(chunked);
    return difference;
}
