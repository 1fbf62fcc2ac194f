import { Gauge, type Registry } from 'prom-client'

/** A figure that a process shows, read when somebody asks. */
export interface ProcessFigure {
  /** `pacspace_…`, unit last. */
  readonly name: string
  readonly help: string
  readonly value: () => number
}

/** Shows figures at `/metrics`. */
export function showFigures(registry: Registry, figures: readonly ProcessFigure[]): void {
  for (const { name, help, value } of figures) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value())
      },
    })
  }
}
