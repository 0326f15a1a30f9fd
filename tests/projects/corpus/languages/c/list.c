/* A list.
 * http://example.com // is part of this
 */
#include <stdio.h>

int main(void) {  // starts
    char *s = "/* no comment */";
    char c = '"'; /* a quote */ int d = 1;
    puts("// neither");
    /* one */ puts(s); /* two */
    return 0; /*
    of some lines
    */ }

/* at the end */
int last;
