/* play_heading.c - the first lines of a story: who there is. */
#include <stdio.h>
#include <string.h>

#include "play.h"

static void add_agency(struct play *self)
{
    size_t index = self->cast.agency_count++;
    size_t without = play_find_word(self, "without"), system = play_find_word(self, "system");

    snprintf(self->cast.agencies[index].id, ID_MAX + 1, "%s", play_word(self, 1));
    snprintf(self->cast.agencies[index].kind, ID_MAX + 1, "%s",
             strcmp(play_word(self, 2), "kind") == 0 ? play_word(self, 3) : "statutory");
    snprintf(self->cast.agencies[index].system, ID_MAX + 1, "%s", play_word(self, system + 1));
    for (size_t i = without + 1; i < self->line.count; i++)
        snprintf(self->cast.agencies[index].without[self->cast.agencies[index].without_count++],
                 ID_MAX + 1, "%s", self->line.words[i]);
}

/* board without ROLE ... */
static void set_board(struct play *self)
{
    for (size_t i = 2; i < self->line.count && self->cast.board_without_count < 16; i++)
        snprintf(self->cast.board_without[self->cast.board_without_count++], ID_MAX + 1, "%s",
                 self->line.words[i]);
}

/* holder PERSON is ROLE of AGENCY */
static void add_holder(struct play *self)
{
    size_t index = self->cast.holder_count++;

    snprintf(self->cast.holders[index].person, ID_MAX + 1, "%s", play_word(self, 1));
    snprintf(self->cast.holders[index].role, ID_MAX + 1, "%s", play_word(self, 3));
    snprintf(self->cast.holders[index].agency, ID_MAX + 1, "%s", play_word(self, 5));
}

/* deputy PERSON is ROLE of AGENCY */
static void add_deputy(struct play *self)
{
    size_t index = self->cast.deputy_count++;

    snprintf(self->cast.deputies[index].person, ID_MAX + 1, "%s", play_word(self, 1));
    snprintf(self->cast.deputies[index].role, ID_MAX + 1, "%s", play_word(self, 3));
    snprintf(self->cast.deputies[index].agency, ID_MAX + 1, "%s", play_word(self, 5));
}

/* person PERSON KEY: VALUE */
static void add_trait(struct play *self)
{
    size_t index = self->cast.trait_count++;

    snprintf(self->cast.traits[index].person, sizeof self->cast.traits[index].person, "%s",
             play_word(self, 1));
    snprintf(self->cast.traits[index].line, STORY_LINE_MAX, "%s", play_rest_of_line(self, 2));
}

/* procedure NAME from FILE; calendar NAME from FILE: a file of tests/stories stands in. */
static void add_file(struct play *self)
{
    size_t index = self->cast.file_count++;

    snprintf(self->cast.files[index].folder, sizeof self->cast.files[index].folder, "%.12ss",
             play_word(self, 0));
    snprintf(self->cast.files[index].name, ID_MAX + 1, "%s", play_word(self, 1));
    snprintf(self->cast.files[index].from, ID_MAX + 1, "%s", play_word(self, 3));
}

static int play_repeated_heading(struct play *self)
{
    const char *what = play_word(self, 0);

    if (strcmp(what, "board") == 0)
        set_board(self);
    else if (strcmp(what, "deputy") == 0 && self->cast.deputy_count < STORY_LINES_MAX)
        add_deputy(self);
    else if (strcmp(what, "person") == 0 && self->cast.trait_count < STORY_LINES_MAX)
        add_trait(self);
    else if (strcmp(what, "calendar") == 0 && self->cast.file_count < STORY_LINES_MAX)
        add_file(self);
    else if (strcmp(what, "setting") == 0 && self->cast.setting_count < STORY_LINES_MAX)
        snprintf(self->cast.settings[self->cast.setting_count++], STORY_LINE_MAX, "%s",
                 play_rest_of_line(self, 1));
    else
        return play_fail(self, "no heading (title, procedure, calendar, setting, agency, holder, "
                               "deputy, person)");
    return 0;
}

int play_heading(struct play *self)
{
    if (strcmp(play_word(self, 0), "procedure") == 0 && strcmp(play_word(self, 2), "from") == 0)
        add_file(self);
    if (strcmp(play_word(self, 0), "title") == 0)
        snprintf(self->title, sizeof self->title, "%s", self->line.text + strlen("title "));
    else if (strcmp(play_word(self, 0), "procedure") == 0)
        snprintf(self->procedure, sizeof self->procedure, "%s", play_word(self, 1));
    else if (strcmp(play_word(self, 0), "agency") == 0 &&
             self->cast.agency_count < STORY_AGENCIES_MAX)
        add_agency(self);
    else if (strcmp(play_word(self, 0), "holder") == 0 && self->cast.holder_count < 16)
        add_holder(self);
    else
        return play_repeated_heading(self);
    return 0;
}
