package io.limiter.client.spring.method;

import java.lang.reflect.Method;

/**
 * A call, as expressions see it: {@code #root}.
 *
 * @param target the bean, without its proxy
 * @param method that is called
 * @param args what it is called with
 */
@SuppressWarnings("ArrayRecordComponent") // Of one call; it is never compared.
public record CallRoot(Object target, Method method, Object[] args) {}
