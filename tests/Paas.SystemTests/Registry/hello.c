#include <stdio.h>

int main(void) {
  puts("Hello from a pushed image");
  return 0;
}
