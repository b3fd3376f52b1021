/* play.h - what the files of the player share. */
#ifndef CONCERN_TESTS_PLAY_H
#define CONCERN_TESTS_PLAY_H

#include "story.h"

/** A story being played. */
struct play {
    const char *file;
    struct world *world;
    struct cast cast;
    char title[STORY_LINE_MAX];
    char procedure[ID_MAX + 1];
    struct story_line line;
    struct instant at;
    bool opened;
    unsigned expectations;
};

/** Says what is wrong with the current line; answers 1. */
int play_fail(const struct play *self, const char *what);

/** The line's word with this number, from 0; "" where it has fewer. */
const char *play_word(const struct play *self, size_t index);

/** The number of a word; the count where the line has no such word. */
size_t play_find_word(const struct play *self, const char *wanted);

/** The line after its first `count` words. */
const char *play_rest_of_line(const struct play *self, size_t count);

/** A line before the first time: who there is. */
int play_heading(struct play *self);

/** A raise, or any other event. */
int play_raise(struct play *self);
int play_event(struct play *self);

/** "expect ..." */
int play_expectation(struct play *self);

#endif
