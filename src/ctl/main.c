/* SPDX-License-Identifier: MIT */
/* spotify-historyctl: everything is in the library, so that it can be tested as it ships. */
#include "ctl/ctl.h"

int main(int argc, char **argv)
{
    return ctl_main(argc, argv);
}
