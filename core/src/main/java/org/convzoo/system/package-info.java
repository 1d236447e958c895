/**
 * What the operating system gives. {@link org.convzoo.system.Machine} tells the processor, the cores and the memory that
 * this process may use, and the folder of caches; {@link org.convzoo.system.AtomicFile} sees to it that no file a user
 * made is ever half overwritten.
 */
@NullMarked
package org.convzoo.system;

import org.jspecify.annotations.NullMarked;
