/**
 * The command line: {@link org.convzoo.cli.Main} and one class a command, each of which parses its arguments, calls the
 * modules below and prints what they give.
 */
@NullMarked
package org.convzoo.cli;

import org.jspecify.annotations.NullMarked;
