/* Stands in a new user namespace until its input ends, so that a program with threads, which cannot make one,
   can write the id maps and open /proc/PID/ns/user. Writes one byte when it is there. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    char byte = '.';
    if (unshare(CLONE_NEWUSER) != 0) {
        perror("userns: unshare");
        return 1;
    }
    if (write(1, &byte, 1) != 1) {
        return 1;
    }
    return read(0, &byte, 1) < 0;
}
