/* SPDX-License-Identifier: MIT */
/*
 * web/assets: the files of src/web/ that are part of the program: the style sheet and the icon,
 * turned into C by build-aux/embed. Bytes as they are, no NUL at the end.
 */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include <stddef.h>

extern const unsigned char web_style_css[];
extern const size_t web_style_css_size;

extern const unsigned char web_favicon_svg[];
extern const size_t web_favicon_svg_size;

#endif
