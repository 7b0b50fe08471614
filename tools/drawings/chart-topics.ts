/** What charts are about: words that the small encoder hears, though it cannot read them in the picture. */
export const chartTopics = [
  'pump hours',
  'monthly cost',
  'energy use',
  'water level',
  'downtime',
  'bearing temperature',
  'flow rate',
  'spare parts',
  'sales',
  'rainfall',
  'pressure',
  'vibration',
  'staff hours',
  'power consumption',
  'failures',
  'maintenance cost',
] as const;
