#include "shape.hpp"

namespace shapes {
// Area in square metres.
auto text = R"(// raw text
/* still text */
)";
int area(int a) { return a * a; } // done

/* end of
   file */
}
