@NullMarked
package io.limiter.server.rules.profile;

import org.jspecify.annotations.NullMarked;
