/* cli_pages.h -- what a tool prints about itself, from its option table. */
#ifndef TOOLS_CLI_PAGES_H
#define TOOLS_CLI_PAGES_H

#include "cli.h"

void cli_print_help(const struct tool *tool); /* for people at a terminal */
void cli_print_man(const struct tool *tool);  /* a man page, roff */
void cli_print_bash(const struct tool *tool); /* bash completion */
void cli_print_version(const struct tool *tool);

#endif
