/** How descriptions in files are read: {@link org.convzoo.json.Field} says in one line what of them is not as it must be. */
@NullMarked
package org.convzoo.json;

import org.jspecify.annotations.NullMarked;
