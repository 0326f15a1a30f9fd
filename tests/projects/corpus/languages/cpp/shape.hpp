#pragma once
/** Documentation.
 */
class Shape {
};
