package org.convzoo.view;

import java.io.IOException;
import org.convzoo.system.AtomicFile;
import org.convzoo.train.RunReport;

/** Writes {@value #FILE} into the directory of a run that has ended: the run as one page for a browser. */
public final class Report implements RunReport {
    /** The file's name in a run directory. */
    public static final String FILE = "report.html";

    @Override
    public void write(Ended run) throws IOException {
        AtomicFile.write(run.run().path().resolve(FILE), new ReportPage(run).html());
    }
}
