/**
 * Descriptions in files. {@link org.convzoo.json.Json} writes records and reads them back;
 * {@link org.convzoo.json.Field} reads what is no record, and says in one line what of it is not as it must be.
 */
@NullMarked
package org.convzoo.json;

import org.jspecify.annotations.NullMarked;
