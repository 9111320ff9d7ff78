#ifndef HANQING_CZLIB_SHIM_H
#define HANQING_CZLIB_SHIM_H

#include <zlib.h>

#endif
