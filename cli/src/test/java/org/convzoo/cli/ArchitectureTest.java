package org.convzoo.cli;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The arrows between the modules; this module sees them all. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.convzoo");

    @Test
    void modulesSeeOnlyWhatLiesBelowAndNoneAnEngine() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("org.convzoo..")
                .layer("core")
                .definedBy(
                        "org.convzoo.failure",
                        "org.convzoo.system",
                        "org.convzoo.graph",
                        "org.convzoo.models",
                        "org.convzoo.cost",
                        "org.convzoo.weights",
                        "org.convzoo.engine")
                .layer("engines")
                .definedBy("org.convzoo.onednn..")
                .layer("images")
                .definedBy("org.convzoo.images", "org.convzoo.json")
                .layer("verify")
                .definedBy("org.convzoo.verify")
                .layer("pretrained")
                .definedBy("org.convzoo.pretrained")
                .layer("classify")
                .definedBy("org.convzoo.classify")
                .layer("train")
                .definedBy(
                        "org.convzoo.recipe", "org.convzoo.tensorboard", "org.convzoo.train", "org.convzoo.experiment")
                .layer("view")
                .definedBy("org.convzoo.view")
                .layer("cli")
                .definedBy("org.convzoo.cli")
                .whereLayer("core")
                .mayNotAccessAnyLayer()
                .whereLayer("engines")
                .mayOnlyAccessLayers("core")
                .whereLayer("images")
                .mayOnlyAccessLayers("core")
                .whereLayer("verify")
                .mayOnlyAccessLayers("core", "images")
                .whereLayer("pretrained")
                .mayOnlyAccessLayers("core", "images")
                .whereLayer("classify")
                .mayOnlyAccessLayers("core", "images", "pretrained")
                .whereLayer("train")
                .mayOnlyAccessLayers("core", "images", "pretrained", "classify")
                .whereLayer("view")
                .mayOnlyAccessLayers("core", "images", "classify", "train")
                .whereLayer("cli")
                .mayOnlyAccessLayers("core", "images", "verify", "pretrained", "classify", "train", "view")
                .ensureAllClassesAreContainedInArchitecture()
                .check(CLASSES);
    }

    /** The rooms of the engine, the lowest first; each sees those below it. Nobody outside sees any. */
    private static final List<String> ROOMS = List.of("binding", "program", "loops", "winograd", "compile", "tuning");

    @Test
    void roomsOfTheEngineSeeOnlyThoseBelow() {
        for (int i = 0; i < ROOMS.size(); i++)
            noClasses()
                    .that()
                    .resideInAPackage("org.convzoo.onednn." + ROOMS.get(i))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(Stream.concat(
                                    Stream.of("org.convzoo.onednn"),
                                    ROOMS.stream().skip(i + 1).map(r -> "org.convzoo.onednn." + r))
                            .toArray(String[]::new))
                    .check(CLASSES);
    }

    @Test
    void everyPackageOfTheEngineIsARoom() {
        assertThat(CLASSES.stream().map(c -> c.getPackageName()).filter(p -> p.startsWith("org.convzoo.onednn.")))
                .isSubsetOf(ROOMS.stream().map(r -> "org.convzoo.onednn." + r).toList());
    }

    @Test
    void nobodyOutsideTheEngineSeesItsRooms() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.convzoo.onednn..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.convzoo.onednn.*..")
                .check(CLASSES);
    }

    @Test
    void nativeTypesStayInsideEngines() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.convzoo.onednn..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .check(CLASSES);
    }

    @Test
    void coreNeedsOnlyJava() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "org.convzoo.graph",
                        "org.convzoo.models",
                        "org.convzoo.cost",
                        "org.convzoo.weights",
                        "org.convzoo.engine",
                        "org.convzoo.system",
                        "org.convzoo.failure")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages("java..", "org.convzoo..", "org.jspecify..")
                .check(CLASSES);
    }

    /** What is on or off has a name: a method of its own, a value of an enum, or a component of an options record. */
    @Test
    void methodsOfEnginesTakeNoBooleans() {
        noMethods()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .resideInAPackage("org.convzoo.engine")
                .and()
                .areDeclaredInClassesThat()
                .haveNameNotMatching(".*Builder.*")
                .should()
                .haveRawParameterTypes(describe(
                        "with a boolean", types -> types.stream().anyMatch(t -> t.isEquivalentTo(boolean.class))))
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.convzoo.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void lettersAndDigitsDoNotDependOnTheDefaultLocale() {
        noClasses()
                .should()
                .callMethod(String.class, "toLowerCase")
                .orShould()
                .callMethod(String.class, "toUpperCase")
                .orShould()
                .callMethod(String.class, "format", String.class, Object[].class)
                .because("the default locale would decide about letters and digits")
                .check(CLASSES);
    }
}
