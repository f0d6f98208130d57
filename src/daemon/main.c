/* SPDX-License-Identifier: MIT */
/* spotify-historyd: everything is in the library, so that it can be tested as it ships. */
#include "daemon/daemon.h"

int main(int argc, char **argv)
{
    return daemon_main(argc, argv);
}
