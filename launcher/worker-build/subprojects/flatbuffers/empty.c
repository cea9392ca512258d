/* The whole of a static library that only has to exist: see meson.build beside it. */
typedef int nothing_here;
